package dev.understudy.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.Function;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/**
 * Spring Boot's conversions, made stricter: a duration or a size needs a unit (Spring Boot reads a
 * bare 2 as two milliseconds), a boolean is {@code true} or {@code false}, and an enum constant has
 * its documented spelling.
 */
final class StrictConversion {
  private StrictConversion() {}

  /**
   * Converts a text to a value of one of the types that raw records have.
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
      value = withUnit(text, DurationStyle::detectAndParse);
    } else if (type == DataSize.class) {
      value = withUnit(text, DataSize::parse);
    } else if (type.isEnum()) {
      return choice(text, type);
    } else {
      throw new IllegalStateException("no conversion to " + type);
    }
    return type.cast(value);
  }

  private static <T> T withUnit(String text, Function<String, T> parse) {
    if (!text.equals("0") && text.chars().allMatch(c -> c == '-' || c == '+' || isDigit(c))) {
      throw new IllegalArgumentException("no unit");
    }
    return parse.apply(text);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
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
