package dev.understudy.haproxy.acl;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import java.util.Locale;
import java.util.Optional;

/** Comparisons of a text that is known beforehand. */
final class Constants {
  private Constants() {}

  /** Whether the test holds for the text; absent if that cannot be decided here. */
  static Optional<Expression> test(AclTest test, String text) {
    if (!test.files().isEmpty() || !test.sample().converters().isEmpty()) {
      return Optional.empty();
    }
    if (test.matcher().equals("found")) {
      return Optional.of(Expression.Constant.TRUE);
    }
    if (test.matcher().equals("bool")) {
      return Optional.of(constant(text.equals("1") || text.equalsIgnoreCase("true")));
    }
    boolean any = false;
    for (String pattern : test.patterns()) {
      Optional<Boolean> one = holds(test, text, pattern);
      if (one.isEmpty()) {
        return Optional.empty();
      }
      any |= one.get();
    }
    return Optional.of(constant(any));
  }

  private static Expression constant(boolean value) {
    return value ? Expression.Constant.TRUE : Expression.Constant.FALSE;
  }

  private static Optional<Boolean> holds(AclTest test, String text, String pattern) {
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
}
