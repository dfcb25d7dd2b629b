package dev.understudy.haproxy.acl;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import java.util.Locale;
import java.util.Optional;

/** Comparisons of a value that is known beforehand; unknown, if they depend on more. */
final class ConstantComparison {
  private ConstantComparison() {}

  /** Whether the sample itself is compared, with values in place. */
  static boolean isPlain(AclComparison test) {
    return test.files().isEmpty() && test.sample().converters().isEmpty();
  }

  /** Compares a text. */
  static TranslatedCondition text(AclComparison test, String text) {
    if (!isPlain(test)) {
      return test.unknown("it has converters or files");
    }
    if (test.isFound()) {
      return Constant.TRUE;
    }
    if (test.matcher().equals("bool")) {
      return Constant.of(text.equals("1") || text.equalsIgnoreCase("true"));
    }
    boolean any = false;
    for (String pattern : test.patterns()) {
      Optional<Boolean> one = holds(test, text, pattern);
      if (one.isEmpty()) {
        return test.unknownMatcher();
      }
      any |= one.get();
    }
    return Constant.of(any);
  }

  private static Optional<Boolean> holds(AclComparison test, String text, String pattern) {
    String value = test.ignoreCase() ? text.toLowerCase(Locale.ROOT) : text;
    String other = test.ignoreCase() ? pattern.toLowerCase(Locale.ROOT) : pattern;
    return switch (test.matcher()) {
      case "", "str" -> Optional.of(value.equals(other));
      case "beg" -> Optional.of(value.startsWith(other));
      case "end" -> Optional.of(value.endsWith(other));
      case "sub" -> Optional.of(value.contains(other));
      case "reg" -> {
        try {
          yield Optional.of(LinearPattern.of(pattern, test.ignoreCase()).find(text));
        } catch (ExpressionException e) {
          yield Optional.empty();
        }
      }
      default -> Optional.empty();
    };
  }

  /** Compares a number; -1: the sample has none. */
  static TranslatedCondition number(AclComparison test, long number) {
    if (!isPlain(test)) {
      return test.unknown("it has converters or files");
    }
    return switch (test.matcher()) {
      case "found" -> Constant.of(number >= 0);
      case "bool" -> Constant.of(number > 0);
      case "", "int" ->
          Constant.of(
              test.patterns().isEmpty()
                  ? number > 0
                  : number >= 0 && IntegerRanges.of(test.patterns()).has(number));
      default -> test.unknownMatcher();
    };
  }

  /** Compares a boolean: HAProxy ignores a value to compare it with, unless that is a number. */
  static TranslatedCondition flag(AclComparison test, TranslatedCondition holds) {
    return switch (test.matcher()) {
      case "", "bool" -> holds;
      case "int" ->
          switch (test.patterns().toString()) {
            case "[0]" -> TranslatedCondition.not(holds);
            case "[1]" -> holds;
            default -> test.unknown("numbers other than 0 and 1");
          };
      default -> test.unknownMatcher();
    };
  }
}
