package dev.understudy.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

/** The values of the file as Boot's own loader reads them, each with its origin. */
final class Values {
  private final OriginTrackedMapPropertySource properties;

  private Values(OriginTrackedMapPropertySource properties) {
    this.properties = properties;
  }

  /** All values, or null where only broken parts were left of the text. */
  static @Nullable Values load(String file, String text) {
    ByteArrayResource resource = new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8), file);
    try {
      List<PropertySource<?>> sources = new YamlPropertySourceLoader().load(file, resource);
      return sources.isEmpty() || !(sources.get(0) instanceof OriginTrackedMapPropertySource first)
          ? null
          : new Values(first);
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  @Nullable Object get(ScalarNode scalar) {
    return properties.getProperty(scalar.source());
  }

  @Nullable Origin origin(ScalarNode scalar) {
    return properties.getOrigin(scalar.source());
  }

  /** Whether the text means what is written: YAML 1.1 makes a switch of {@code on}, 8 of 010. */
  boolean isAsWritten(ScalarNode scalar) {
    return scalar.text().equals(String.valueOf(get(scalar)));
  }
}
