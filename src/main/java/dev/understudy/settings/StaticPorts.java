package dev.understudy.settings;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Refuses ports out of range before they are used: Spring Boot does not check the range, so the
 * socket would fail without the setting's name.
 */
final class StaticPorts implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  static final String MAIN = "server.port";

  /** Spring Boot's default of {@link #MAIN}. */
  static final int MAIN_DEFAULT = 8080;

  static final String MANAGEMENT = "management.server.port";
  static final String PLAIN = "understudy.http.port";

  /** The expectation in words that follow "expected". */
  static final String EXPECTED = "a port from 0 to 65535";

  private static final int MOST = 65535;

  /** The value that leaves a port closed. */
  private static final int NONE = -1;

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    if (context instanceof WebServerApplicationContext) {
      require(Binder.get(context.getEnvironment()));
    }
  }

  /**
   * Refuses ports out of range.
   *
   * @throws InvalidConfigurationPropertyValueException for the first
   */
  static void require(Binder binder) {
    require(binder, MAIN);
    require(binder, MANAGEMENT);
  }

  private static void require(Binder binder, String name) {
    Integer port = binder.bind(name, Integer.class).orElse(null);
    if (port != null && (port < NONE || port > MOST)) {
      throw new InvalidConfigurationPropertyValueException(name, port, "expected " + EXPECTED);
    }
  }

  /** The value of a port's setting; null if not set. */
  static @Nullable Integer port(Environment environment, String name) {
    return Binder.get(environment).bind(name, Integer.class).orElse(null);
  }
}
