package dev.understudy.assembly;

import dev.understudy.proxy.listener.BundleFailureText;
import dev.understudy.proxy.listener.UnusableBundleException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The SSL bundles of {@code spring.ssl.bundle.*}, reloaded when their files change. Spring Boot's
 * auto-configuration makes them, as its parts are not public: in a context of their own, and only
 * if a bundle is set.
 */
final class ReloadingSslBundles implements AutoCloseable {
  private static final ConfigurationPropertyName SETTINGS =
      ConfigurationPropertyName.of("spring.ssl.bundle");

  /** Settings of all bundles, in the defaults of the program. */
  private static final ConfigurationPropertyName WATCH = SETTINGS.append("watch");

  final DefaultSslBundleRegistry registry;
  final BundleFailureText faults;
  private final @Nullable AnnotationConfigApplicationContext context;

  ReloadingSslBundles(ConfigurableEnvironment environment) {
    faults = new BundleFailureText(environment);
    if (areSet(environment)) {
      AnnotationConfigApplicationContext made = new AnnotationConfigApplicationContext();
      made.setEnvironment(environment);
      made.register(SslAutoConfiguration.class);
      made.refresh();
      context = made;
      registry = made.getBean(DefaultSslBundleRegistry.class);
    } else {
      context = null;
      registry = new DefaultSslBundleRegistry();
    }
  }

  private static boolean areSet(ConfigurableEnvironment environment) {
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source.filter(name -> !WATCH.isAncestorOf(name)).containsDescendantOf(SETTINGS)
          == ConfigurationPropertyState.PRESENT) {
        return true;
      }
    }
    return false;
  }

  /**
   * Requires every bundle to be usable.
   *
   * @throws UnusableBundleException if one is not
   */
  void require() {
    UnusableBundleException.requireAll(registry, faults);
  }

  @Override
  public void close() {
    if (context != null) {
      context.close();
    }
  }
}
