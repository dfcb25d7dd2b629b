package dev.understudy.condition;

import java.util.Set;

/**
 * A range of numbers.
 *
 * @param least inclusive
 * @param most inclusive
 * @param not whether the numbers outside of the range are meant
 */
public record NumberRange(long least, long most, boolean not) {
  private static final Set<String> OPERATORS =
      Set.of("<", "<=", ">", ">=", "=", "==", "!=", "lt", "le", "gt", "ge", "eq", "ne");

  /** Whether the number is meant. */
  public boolean test(long number) {
    return (number >= least && number <= most) != not;
  }

  /** Reads {@code > 5}, {@code 5} (equal) or {@code 5-9}; also HAProxy's {@code gt 5}. */
  static NumberRange of(String text) throws ExpressionException {
    int digits = 0;
    while (digits < text.length() && !isDigit(text.charAt(digits))) {
      digits++;
    }
    String number = text.substring(digits);
    int dash = number.indexOf('-');
    long first = number(dash < 0 ? number : number.substring(0, dash), text);
    String operator = text.substring(0, digits).strip();
    if (dash >= 0) {
      long last = number(number.substring(dash + 1), text);
      if (!operator.isEmpty() || last < first) {
        throw malformed(text);
      }
      return new NumberRange(first, last, false);
    }
    return switch (operator) {
      case "", "=", "==", "eq" -> new NumberRange(first, first, false);
      case "!=", "ne" -> new NumberRange(first, first, true);
      case ">", "gt" -> new NumberRange(first + 1, Long.MAX_VALUE, false);
      case ">=", "ge" -> new NumberRange(first, Long.MAX_VALUE, false);
      case "<", "lt" -> new NumberRange(Long.MIN_VALUE, first - 1, false);
      case "<=", "le" -> new NumberRange(Long.MIN_VALUE, first, false);
      default -> throw malformed(text);
    };
  }

  /** Whether a word is an operator, which a number follows. */
  static boolean isOperator(String word) {
    return OPERATORS.contains(word);
  }

  private static long number(String text, String whole) throws ExpressionException {
    if (text.isEmpty() || text.length() > 15 || !text.chars().allMatch(c -> isDigit((char) c))) {
      throw malformed(whole);
    }
    return Long.parseLong(text);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static ExpressionException malformed(String text) {
    return new ExpressionException(
        "expected a number, a range such as 5-9, or a comparison such as '> 5', found '"
            + text
            + "'");
  }
}
