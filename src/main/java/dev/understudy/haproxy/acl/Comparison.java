package dev.understudy.haproxy.acl;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A comparison with a number: {@code gt 10}, {@code 5}, {@code 5:8}.
 *
 * @param operator {@code gt}, {@code ge}, {@code lt}, {@code le} or {@code eq}
 */
record Comparison(String operator, long number) {
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,15})?:([0-9]{1,15})?");
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,15}");

  /** A single comparison; null if there are several or none. */
  static @Nullable Comparison of(List<String> patterns) {
    if (patterns.size() == 2 && patterns.get(0).matches("gt|ge|lt|le|eq")) {
      return NUMBER.matcher(patterns.get(1)).matches()
          ? new Comparison(patterns.get(0), Long.parseLong(patterns.get(1)))
          : null;
    }
    if (patterns.size() != 1) {
      return null;
    }
    Matcher range = RANGE.matcher(patterns.getFirst());
    if (range.matches() && range.group(1) != null && range.group(2) == null) {
      return new Comparison("ge", Long.parseLong(range.group(1)));
    }
    return NUMBER.matcher(patterns.getFirst()).matches()
        ? new Comparison("eq", Long.parseLong(patterns.getFirst()))
        : null;
  }

  /** The number that must be exceeded; -1: this is no lower bound. */
  long above() {
    return switch (operator) {
      case "gt" -> number;
      case "ge" -> number - 1;
      default -> -1;
    };
  }

  boolean isAtLeastOne() {
    return above() == 0;
  }

  boolean isZero() {
    return (operator.equals("eq") && number == 0) || (operator.equals("lt") && number == 1);
  }

  /** Comparisons as our terms say them, {@code > 10}; empty if a pattern is none. */
  static List<String> texts(List<String> patterns) {
    List<String> texts = new ArrayList<>();
    String operator = "eq";
    for (String pattern : patterns) {
      if (pattern.matches("gt|ge|lt|le|eq")) {
        operator = pattern;
        continue;
      }
      Matcher range = RANGE.matcher(pattern);
      if (range.matches() && range.group(1) != null && range.group(2) == null) {
        texts.add(">= " + range.group(1));
      } else if (range.matches() && range.group(1) == null && range.group(2) != null) {
        texts.add("<= " + range.group(2));
      } else if (NUMBER.matcher(pattern).matches()) {
        texts.add(sign(operator) + " " + pattern);
      } else {
        return List.of();
      }
    }
    return texts;
  }

  /** Whether one of the comparisons holds for a number. */
  static boolean holds(List<String> patterns, long number) {
    String operator = "eq";
    for (String pattern : patterns) {
      if (pattern.matches("gt|ge|lt|le|eq")) {
        operator = pattern;
        continue;
      }
      Matcher range = RANGE.matcher(pattern);
      boolean holds =
          range.matches()
              ? (range.group(1) == null || number >= Long.parseLong(range.group(1)))
                  && (range.group(2) == null || number <= Long.parseLong(range.group(2)))
              : NUMBER.matcher(pattern).matches()
                  && holds(operator, number, Long.parseLong(pattern));
      if (holds) {
        return true;
      }
    }
    return false;
  }

  private static boolean holds(String operator, long number, long bound) {
    return switch (operator) {
      case "gt" -> number > bound;
      case "ge" -> number >= bound;
      case "lt" -> number < bound;
      case "le" -> number <= bound;
      default -> number == bound;
    };
  }

  private static String sign(String operator) {
    return switch (operator) {
      case "gt" -> ">";
      case "ge" -> ">=";
      case "lt" -> "<";
      case "le" -> "<=";
      default -> "=";
    };
  }
}
