package dev.understudy.pool;

import java.lang.annotation.Annotation;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Single values by the type and the {@linkplain Setting annotations} of their setting: what is
 * expected, in words, and the conversion of a text. It is stricter than Spring Boot's: a duration
 * or a size needs a unit, a boolean is {@code true} or {@code false}, and an enum constant has its
 * documented spelling.
 */
public final class SettingValue {
  private SettingValue() {}

  /** The requirement in words that follow "expected". */
  public static String expected(Class<?> type, List<Annotation> rules) {
    if (type.isEnum()) {
      return SettingNames.choices(type);
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    for (Annotation each : rules) {
      String words = expected(each);
      if (words != null) {
        return words;
      }
    }
    return "a text";
  }

  private static @Nullable String expected(Annotation rule) {
    return switch (rule) {
      case Setting.Whole whole ->
          "a whole number of at least " + whole.min() + " and at most " + whole.max();
      case Setting.Span span ->
          "a duration of " + span.min() + " to " + span.max() + ", such as 2s or 250ms";
      case Setting.Size size -> "a size of at most " + size.max() + ", such as 64KB";
      case Setting.Text text -> text.value().expected();
      default -> null;
    };
  }

  /**
   * Converts a text.
   *
   * @throws IllegalArgumentException if it is not of the type, or out of bounds
   */
  public static Object of(String text, Class<?> type, List<Annotation> rules) {
    Object value = converted(text, type, rules);
    for (Annotation each : rules) {
      if (!fits(text, value, each)) {
        throw new IllegalArgumentException("out of bounds");
      }
    }
    return switch (value) {
      case Integer number when type == OptionalInt.class -> OptionalInt.of(number);
      case Long bytes when type == int.class -> Math.toIntExact(bytes);
      default -> value;
    };
  }

  private static Object converted(String text, Class<?> type, List<Annotation> rules) {
    if (type == String.class) {
      return text;
    }
    if (type.isEnum()) {
      return choice(text, type);
    }
    if (type == Boolean.class || type == boolean.class) {
      return bool(text);
    }
    if (type == Duration.class) {
      return UnitParser.duration(text);
    }
    if (rules.stream().anyMatch(Setting.Size.class::isInstance)) {
      return UnitParser.bytes(text);
    }
    if (type == Integer.class || type == int.class || type == OptionalInt.class) {
      return Integer.valueOf(text);
    }
    if (type == DailyWindow.class) {
      return DailyWindow.parse(text);
    }
    if (type == ZoneId.class) {
      return zone(text);
    }
    throw new IllegalStateException("no conversion to " + type);
  }

  private static boolean fits(String text, Object value, Annotation rule) {
    return switch (rule) {
      case Setting.Whole whole ->
          value instanceof Integer i && i >= whole.min() && i <= whole.max();
      case Setting.Span span ->
          value instanceof Duration d
              && d.compareTo(UnitParser.duration(span.min())) >= 0
              && d.compareTo(UnitParser.duration(span.max())) <= 0;
      case Setting.Size size ->
          value instanceof Long bytes && bytes >= 0 && bytes <= UnitParser.bytes(size.max());
      case Setting.Text form -> form.value().fits(text);
      default -> true;
    };
  }

  private static Boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  private static Object choice(String text, Class<?> type) {
    return Arrays.stream(type.getEnumConstants())
        .filter(each -> SettingNames.of((Enum<?>) each).equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no such choice"));
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("no time zone", e);
    }
  }
}
