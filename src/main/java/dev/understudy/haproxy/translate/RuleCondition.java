package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import java.util.List;

/**
 * A rule's words before its condition, and the condition.
 *
 * @param arguments the words from the action on
 * @param condition empty: always
 * @param unless whether the opposite of the condition counts
 */
record RuleCondition(List<String> arguments, List<String> condition, boolean unless) {
  static RuleCondition of(Statement statement, int from) {
    List<String> words = statement.from(from);
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).equals("if") || words.get(i).equals("unless")) {
        return new RuleCondition(
            words.subList(0, i), words.subList(i + 1, words.size()), words.get(i).equals("unless"));
      }
    }
    return new RuleCondition(words, List.of(), false);
  }

  boolean hasCondition() {
    return unless || !condition.isEmpty();
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
