package dev.understudy.config;

import java.time.Duration;
import java.util.Arrays;

/**
 * Conversions of texts, stricter than Spring Boot's: a duration or a size needs a unit, a boolean
 * is {@code true} or {@code false}, and an enum constant has its documented spelling.
 */
final class StrictConversion {
  private StrictConversion() {}

  /**
   * Converts a text to a value of one of the types that raw records have; a {@code Long} is a size
   * in bytes.
   *
   * @throws IllegalArgumentException if it is none
   */
  static <T> T of(String text, Class<T> type) {
    Object value;
    if (type == String.class) {
      value = text;
    } else if (type == Integer.class) {
      value = Integer.valueOf(text);
    } else if (type == Boolean.class) {
      value = bool(text);
    } else if (type == Duration.class) {
      value = Units.duration(text);
    } else if (type == Long.class) {
      value = Units.bytes(text);
    } else if (type.isEnum()) {
      return choice(text, type);
    } else {
      throw new IllegalStateException("no conversion to " + type);
    }
    return type.cast(value);
  }

  private static Boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  private static <T> T choice(String text, Class<T> type) {
    return Arrays.stream(type.getEnumConstants())
        .filter(each -> Keys.of((Enum<?>) each).equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no such choice"));
  }
}
