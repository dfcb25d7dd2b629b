package dev.understudy.application;

import dev.understudy.proxy.listener.UnusableBundleException;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/**
 * Sets the default of {@code management.server.ssl.enabled}: whether a certificate is named for the
 * management port. Spring Boot's default is to inherit the main port's TLS; a default of false
 * would leave a port with a certificate unencrypted, and the admin token with it.
 */
final class ManagementTls implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  private static final String PREFIX = "management.server.ssl";

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    if (context instanceof WebServerApplicationContext) {
      boolean certified = UnusableBundleException.namesCertificate(ssl(context.getEnvironment()));
      context
          .getEnvironment()
          .getPropertySources()
          .addLast(new MapPropertySource("management TLS", Map.of(PREFIX + ".enabled", certified)));
    }
  }

  private static Ssl ssl(Environment environment) {
    return Binder.get(environment).bindOrCreate(PREFIX, Ssl.class);
  }

  /** Refuses a management port whose TLS settings cannot work. */
  @Configuration(proxyBeanMethods = false)
  static class Usable {
    Usable(Environment environment, SslBundles bundles) {
      UnusableBundleException.require(PREFIX, ssl(environment), bundles);
    }
  }
}
