package dev.understudy.application;

import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;

/**
 * Refuses a common port for clients and management: metrics would be open to clients, and the API
 * would not be served.
 */
final class SeparateManagementPort {
  private static final String PROPERTY = "management.server.port";

  private SeparateManagementPort() {}

  /**
   * @throws InvalidConfigurationPropertyValueException if the ports are the same
   */
  static void require(Environment environment) {
    if (ManagementPortType.get(environment) == ManagementPortType.SAME) {
      throw new InvalidConfigurationPropertyValueException(
          PROPERTY,
          environment.getProperty(PROPERTY),
          "expected another port than server.port, which is for clients");
    }
  }
}
