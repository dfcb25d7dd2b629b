package dev.understudy.haproxy.acl;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers of an integer match, as {@code gt 10}, {@code 5 7} or {@code 5:8}; an operator counts
 * until the next one (configuration manual, 7.1.2). Patterns that are no numbers yield none.
 */
record IntegerRanges(List<Range> ranges) {
  /**
   * Numbers in a row.
   *
   * @param least inclusive
   * @param most inclusive
   * @param text in Understudy's language of conditions
   */
  record Range(long least, long most, String text) {}

  private static final Pattern BOUNDS = Pattern.compile("([0-9]{1,15})?:([0-9]{1,15})?");
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,15}");

  static IntegerRanges of(List<String> patterns) {
    List<Range> ranges = new ArrayList<>();
    String operator = "eq";
    for (String pattern : patterns) {
      Matcher bounds = BOUNDS.matcher(pattern);
      if (pattern.matches("gt|ge|lt|le|eq")) {
        operator = pattern;
      } else if (NUMBER.matcher(pattern).matches()) {
        ranges.add(range(operator, Long.parseLong(pattern)));
      } else if (bounds.matches() && pattern.length() > 1) {
        ranges.add(between(bounds.group(1), bounds.group(2)));
      } else {
        return new IntegerRanges(List.of());
      }
    }
    return new IntegerRanges(ranges);
  }

  private static Range range(String operator, long number) {
    return switch (operator) {
      case "gt" -> new Range(number + 1, Long.MAX_VALUE, "> " + number);
      case "ge" -> new Range(number, Long.MAX_VALUE, ">= " + number);
      case "lt" -> new Range(Long.MIN_VALUE, number - 1, "< " + number);
      case "le" -> new Range(Long.MIN_VALUE, number, "<= " + number);
      default -> new Range(number, number, "= " + number);
    };
  }

  private static Range between(String least, String most) {
    return least == null
        ? range("le", Long.parseLong(most))
        : most == null
            ? range("ge", Long.parseLong(least))
            : new Range(Long.parseLong(least), Long.parseLong(most), least + "-" + most);
  }

  /** The number that must be exceeded; -1: this is no lower bound. */
  long above() {
    boolean one = ranges.size() == 1 && ranges.getFirst().most() == Long.MAX_VALUE;
    return one ? ranges.getFirst().least() - 1 : -1;
  }

  boolean isAtLeastOne() {
    return above() == 0;
  }

  /** Whether 0 is the only number, apart from those below it. */
  boolean isZero() {
    return ranges.size() == 1 && ranges.getFirst().most() == 0 && has(0);
  }

  boolean has(long number) {
    return ranges.stream().anyMatch(each -> each.least() <= number && each.most() >= number);
  }
}
