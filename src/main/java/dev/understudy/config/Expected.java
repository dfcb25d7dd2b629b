package dev.understudy.config;

import java.lang.annotation.Annotation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The requirements on a value, by its type and its {@link Constraint}: as words and as a check. */
final class Expected {
  private Expected() {}

  /** The requirement in words that follow "expected". */
  static String words(Class<?> type, Annotation[] rules) {
    if (type.isEnum()) {
      return Keys.choices(type);
    }
    if (type == Boolean.class) {
      return "true or false";
    }
    for (Annotation each : rules) {
      String words = words(each);
      if (words != null) {
        return words;
      }
    }
    return "a text";
  }

  private static @Nullable String words(Annotation rule) {
    return switch (rule) {
      case Constraint.Whole whole -> number(whole.min(), whole.max());
      case Constraint.Span span ->
          "a duration of " + span.min() + " to " + span.max() + ", such as 2s or 250ms";
      case Constraint.Size size -> "a size of at most " + size.max() + ", such as 64KB";
      case Constraint.Text text -> text.value().expected();
      default -> null;
    };
  }

  private static String number(int min, int max) {
    return "a whole number of at least " + min + " and at most " + max;
  }

  /** Whether a value of the right type is within its bounds. */
  static boolean fits(Object value, Annotation[] rules) {
    for (Annotation each : rules) {
      if (!fits(value, each)) {
        return false;
      }
    }
    return true;
  }

  private static boolean fits(Object value, Annotation rule) {
    return switch (rule) {
      case Constraint.Whole whole ->
          value instanceof Integer i && i >= whole.min() && i <= whole.max();
      case Constraint.Span span -> value instanceof Duration d && within(d, span);
      case Constraint.Size size ->
          value instanceof Long bytes && bytes >= 0 && bytes <= Units.bytes(size.max());
      case Constraint.Text text -> value instanceof String s && text.value().fits(s);
      default -> true;
    };
  }

  private static boolean within(Duration value, Constraint.Span span) {
    return value.compareTo(Units.duration(span.min())) >= 0
        && value.compareTo(Units.duration(span.max())) <= 0;
  }
}
