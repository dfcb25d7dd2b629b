package dev.understudy.config;

import dev.understudy.condition.Condition;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a filter in the short form may be meant as, if it is written as HAProxy's rules are. */
final class ShortFormHint {
  /** HAProxy's words before a condition. */
  private static final Pattern CONDITION =
      Pattern.compile("\\s(if|unless)\\s+(\\S.*)", Pattern.DOTALL);

  /** A blank between two arguments that are not parted by a comma. */
  private static final Pattern BLANK = Pattern.compile("=[^,]*[^\\s,]\\s+[^\\s,]");

  private ShortFormHint() {}

  /** Ends the problem of a filter, with a semicolon first; empty without a hint. */
  static String of(Node node) {
    if (!(node instanceof ScalarNode scalar)) {
      return "";
    }
    Matcher condition = CONDITION.matcher(scalar.text());
    if (condition.find()) {
      return "; " + condition(condition);
    }
    return BLANK.matcher(scalar.text()).find() ? "; separate arguments by commas" : "";
  }

  /** The hint for a filter without a problem, which has a condition as part of an argument. */
  static @Nullable String ofCondition(Node node) {
    if (node instanceof ScalarNode scalar) {
      Matcher condition = CONDITION.matcher(scalar.text());
      if (condition.find() && Condition.begins(condition.group(2))) {
        return "' " + condition.group(1) + "' belongs to the argument; " + condition(condition);
      }
    }
    return null;
  }

  private static String condition(Matcher found) {
    return found.group(1).equals("if")
        ? "a condition stands after 'when'"
        : "a condition stands after 'when not'";
  }
}
