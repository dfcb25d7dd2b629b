package dev.understudy.settings;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Refuses ports that are none before anything else reads them: Boot checks no range, so that the
 * socket would fail without the setting's name.
 */
final class StaticPorts implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  static final String MAIN = "server.port";
  static final String MANAGEMENT = "management.server.port";
  static final String PLAIN = "understudy.http.port";

  /** In words that follow "expected". */
  static final String EXPECTED = "a port from 0 to 65535";

  private static final int MOST = 65535;

  /** Boot's value for no management port. */
  private static final int NONE = -1;

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    if (context instanceof WebServerApplicationContext) {
      require(context.getEnvironment(), MAIN, 0);
      require(context.getEnvironment(), MANAGEMENT, NONE);
    }
  }

  private static void require(Environment environment, String name, int least) {
    Integer port = port(environment, name);
    if (port != null && (port < least || port > MOST)) {
      throw new InvalidConfigurationPropertyValueException(name, port, "expected " + EXPECTED);
    }
  }

  /** Null: not set. */
  static @Nullable Integer port(Environment environment, String name) {
    return Binder.get(environment).bind(name, Integer.class).orElse(null);
  }
}
