package dev.understudy.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.boot.logging.LoggingSystem;

/**
 * Lets the applications of an isolated test class configure the log, as the program does; those of
 * others, which run beside each other, leave it alone.
 */
public final class ConfiguredLogging implements BeforeAllCallback, AfterAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    System.clearProperty(LoggingSystem.SYSTEM_PROPERTY);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
  }
}
