package dev.understudy.proxy.gateway;

import dev.understudy.extension.Extensions;
import dev.understudy.proxy.guard.GuardRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.reactor.autoconfigure.ReactorAutoConfiguration;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.boot.web.context.reactive.AnnotationConfigReactiveWebApplicationContext;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.cloud.gateway.config.LocalResponseCacheAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * A {@link RouteTrial} for {@code validate}: the Gateway's factories in a Spring context that opens
 * no port and starts no listener. Opening takes one to two seconds.
 */
public final class OfflineRouteTrial implements AutoCloseable {

  private final ConfigurableApplicationContext context;

  private OfflineRouteTrial(ConfigurableApplicationContext context) {
    this.context = context;
  }

  /** Opens one with the Gateway's and our own factories alone. */
  public static OfflineRouteTrial open() {
    return open(null);
  }

  /**
   * Opens one.
   *
   * @param extensions null if there are none
   */
  public static OfflineRouteTrial open(@Nullable Extensions extensions) {
    SpringApplication application = new SpringApplication(Offline.class);
    application.setWebApplicationType(WebApplicationType.REACTIVE);
    // A reactive web context as the Gateway's beans need it, but of the kind without a server.
    application.setApplicationContextFactory(
        type -> new AnnotationConfigReactiveWebApplicationContext());
    if (extensions != null) {
      application.addInitializers(
          context ->
              ExtensionBeans.of(extensions).forEach(context.getBeanFactory()::registerSingleton));
    }
    application.setBannerMode(Banner.Mode.OFF);
    application.setLogStartupInfo(false);
    application.setRegisterShutdownHook(false);
    return new OfflineRouteTrial(
        application.run(
            "--management.server.port=-1",
            "--spring.main.keep-alive=false",
            "--logging.level.root=error"));
  }

  public RouteTrial trial() {
    return context.getBean(RouteTrial.class);
  }

  @Override
  public void close() {
    context.close();
  }

  /**
   * The auto-configurations that the factories need; all others would take most of the command's
   * time.
   */
  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({
    ConfigurationPropertiesAutoConfiguration.class,
    PropertyPlaceholderAutoConfiguration.class,
    CodecsAutoConfiguration.class,
    JacksonAutoConfiguration.class,
    ReactorAutoConfiguration.class,
    SslAutoConfiguration.class,
    ValidationAutoConfiguration.class,
    WebFluxAutoConfiguration.class,
    HttpHandlerAutoConfiguration.class,
    GatewayAutoConfiguration.class,
    LocalResponseCacheAutoConfiguration.class
  })
  @Import(GatewayFilters.class)
  static class Offline {
    @Bean
    GuardRegistry guards() {
      return new GuardRegistry();
    }
  }
}
