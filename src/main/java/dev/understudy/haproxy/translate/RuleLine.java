package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A rule as it stands in the file: an action with its arguments, and a condition.
 *
 * @param arguments the words from the action on
 * @param condition empty: always
 * @param unless whether the opposite of the condition counts
 * @param isMended whether the value was written with a doubled backslash before a blank
 */
record RuleLine(
    Statement statement,
    List<String> arguments,
    List<String> condition,
    boolean unless,
    boolean isMended) {
  /** Actions with a name and a value, which ends the arguments. */
  private static final Set<String> VALUED = Set.of("set-header", "add-header");

  private static final int VALUE = 2;

  /**
   * Takes a line apart.
   *
   * @param from the index of the action's word
   */
  static RuleLine of(Statement statement, int from) {
    List<String> words = statement.from(from);
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).equals("if") || words.get(i).equals("unless")) {
        return of(
            statement,
            words.subList(0, i),
            words.subList(i + 1, words.size()),
            words.get(i).equals("unless"));
      }
    }
    return of(statement, words, List.of(), false);
  }

  /**
   * Pages print an escaped blank with a doubled backslash, which divides the value in two: HAProxy
   * refuses the line.
   */
  private static RuleLine of(
      Statement statement, List<String> words, List<String> condition, boolean unless) {
    boolean mended =
        words.size() > VALUE + 1
            && VALUED.contains(words.getFirst())
            && words.subList(VALUE, words.size() - 1).stream().allMatch(w -> w.endsWith("\\"));
    if (!mended) {
      return new RuleLine(statement, words, condition, unless, false);
    }
    List<String> arguments = new ArrayList<>(words.subList(0, VALUE));
    arguments.add(String.join(" ", words.subList(VALUE, words.size())).replace("\\ ", " "));
    return new RuleLine(statement, arguments, condition, unless, true);
  }

  /** The name of an action without its arguments in parentheses. */
  static String actionName(String action) {
    int open = action.indexOf('(');
    return open < 0 ? action : action.substring(0, open);
  }

  /** The row of the table of directives: its place and its keyword. */
  String row() {
    String place =
        switch (statement.keyword()) {
          case "http-request", "tcp-request", "http-response" -> statement.keyword();
          case "http-after-response" -> "http-response";
          default -> "proxy";
        };
    return place + " " + actionName(argument(0));
  }

  boolean isOfResponse() {
    return row().startsWith("http-response");
  }

  boolean hasCondition() {
    return unless || !condition.isEmpty();
  }

  /** The word that follows the first of these keywords; empty if no keyword has a word after it. */
  String after(String... keywords) {
    for (String keyword : keywords) {
      int at = arguments.indexOf(keyword) + 1;
      if (at > 0 && !argument(at).isEmpty()) {
        return argument(at);
      }
    }
    return "";
  }

  String argument(int index) {
    return index < arguments.size() ? arguments.get(index) : "";
  }

  /** Whether the rule changes every path to lower case, which conditions do without. */
  boolean isLowerPath() {
    return arguments.equals(List.of("set-path", "%[path,lower]")) && !hasCondition();
  }

  /** A filter that this line becomes. */
  ImportedFilter filter(String name, TranslatedCondition when, String... namesAndValues) {
    return ImportedFilter.of(name, when, statement, namesAndValues);
  }

  ImportedFilter filter(String name, TranslatedCondition when, Map<String, String> arguments) {
    return new ImportedFilter(name, arguments, when, List.of(statement.source()));
  }

  /**
   * What it changes as a rule of {@code http-request}, as filters without values; often nothing.
   */
  List<ImportedFilter> changes() {
    TranslatedCondition always = TranslatedCondition.Constant.TRUE;
    ImportedFilter path = filter("SetPath", always);
    ImportedFilter query = filter("SetQuery", always);
    return switch (argument(0)) {
      case "set-path", "replace-path" -> List.of(path);
      case "set-query" -> List.of(query);
      case "set-pathq", "set-uri", "replace-pathq", "replace-uri" -> List.of(path, query);
      case "set-method" -> List.of(filter("SetMethod", always));
      case "set-header", "add-header", "del-header", "replace-header", "replace-value" ->
          List.of(filter("SetRequestHeader", always, "name", argument(1)));
      default -> List.of();
    };
  }
}
