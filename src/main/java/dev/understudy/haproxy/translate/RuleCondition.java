package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A rule's words before its condition, and the condition.
 *
 * @param arguments the words from the action on
 * @param condition empty: always
 * @param unless whether the opposite of the condition counts
 * @param isMended whether the value was written with a doubled backslash before a blank
 */
record RuleCondition(
    List<String> arguments, List<String> condition, boolean unless, boolean isMended) {
  /** Actions with a name and a value, which ends the arguments. */
  private static final Set<String> VALUED = Set.of("set-header", "add-header");

  private static final int VALUE = 2;

  static RuleCondition of(Statement statement, int from) {
    List<String> words = statement.from(from);
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).equals("if") || words.get(i).equals("unless")) {
        return of(
            words.subList(0, i), words.subList(i + 1, words.size()), words.get(i).equals("unless"));
      }
    }
    return of(words, List.of(), false);
  }

  /** The condition of one criterion and value, without arguments. */
  static RuleCondition when(String criterion, String value) {
    return new RuleCondition(List.of(), List.of("{", criterion, "--", value, "}"), false, false);
  }

  /**
   * Pages print an escaped blank with a doubled backslash, which divides the value in two: HAProxy
   * refuses the line.
   */
  private static RuleCondition of(List<String> words, List<String> condition, boolean unless) {
    boolean mended =
        words.size() > VALUE + 1
            && VALUED.contains(words.getFirst())
            && words.subList(VALUE, words.size() - 1).stream().allMatch(w -> w.endsWith("\\"));
    if (!mended) {
      return new RuleCondition(words, condition, unless, false);
    }
    List<String> arguments = new ArrayList<>(words.subList(0, VALUE));
    arguments.add(String.join(" ", words.subList(VALUE, words.size())).replace("\\ ", " "));
    return new RuleCondition(arguments, condition, unless, true);
  }

  /** Tells of a value that HAProxy itself refuses. */
  void tell(Ledger ledger, Statement statement) {
    if (isMended) {
      ledger.approximated(
          statement,
          "the value is taken as one text: HAProxy refuses the doubled backslash; it has one"
              + " before a blank, or quotes");
    }
  }

  boolean hasCondition() {
    return unless || !condition.isEmpty();
  }

  /** The same without its first argument. */
  RuleCondition withoutFirst() {
    return new RuleCondition(arguments.subList(1, arguments.size()), condition, unless, isMended);
  }

  /** The word after a keyword; empty if there is none. */
  String after(String keyword) {
    int at = arguments.indexOf(keyword);
    return at >= 0 && at + 1 < arguments.size() ? arguments.get(at + 1) : "";
  }

  String argument(int index) {
    return index < arguments.size() ? arguments.get(index) : "";
  }
}
