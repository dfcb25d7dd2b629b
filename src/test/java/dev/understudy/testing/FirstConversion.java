package dev.understudy.testing;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/**
 * Uses the converter that Spring Boot's binders share once, before any test of the JVM does. When
 * two threads use it first, the second finds editors of no type yet, and the JVM remembers that no
 * string becomes a path (Spring Boot 4.1). JUnit finds it as a service.
 */
public final class FirstConversion implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    Once.DONE.getClass();
  }

  /** All threads wait until it is initialized. */
  private static final class Once {
    private static final Path DONE =
        new Binder(new MapConfigurationPropertySource(Map.of("first", "conversion")))
            .bind("first", Path.class)
            .get();
  }
}
