package dev.understudy.config;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.RoutePart;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Parses a predicate or a filter in the Gateway's short form, {@code Name=a,b}, or its long form,
 * {@code {name: Name, args: {key: value}}}.
 */
record RoutePartMapper(Placeholders placeholders, ConditionFiles files, Problems problems) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

  /** The predicate whose only argument is a condition. */
  private static final String CONDITION = "When";

  /**
   * A filter in the short form, divided into the filter and its condition: {@code Deny=403 when
   * path(/x)}.
   *
   * @param filter what stands before {@code when}
   * @param when the condition; null if there is none
   */
  private record WhenClause(String filter, @Nullable String when) {
    private static final String WORD = " when ";

    static WhenClause of(String text) {
      for (int at = text.indexOf(WORD); at >= 0; at = text.indexOf(WORD, at + 1)) {
        String filter = text.substring(0, at);
        String when = text.substring(at + WORD.length()).strip();
        int equals = filter.indexOf('=');
        String name = equals < 0 ? filter : filter.substring(0, equals);
        if (!FilterKind.of(name).is(Trait.FREE_TEXT) || Condition.begins(when)) {
          return new WhenClause(filter.strip(), when);
        }
      }
      return new WhenClause(text, null);
    }
  }

  /**
   * Returns the parsed form, or null after reporting problems.
   *
   * @param predicate whether this is a predicate, whose short form needs arguments; a filter's may
   *     be a name alone
   */
  @Nullable RoutePart map(Node node, boolean predicate) {
    if (problems.isAnyIn(node.path())) {
      return null;
    }
    try {
      return switch (node) {
        case ScalarNode scalar -> shortForm(scalar, predicate);
        case MapNode map -> longForm(map, predicate);
        case ListNode list -> null;
      };
    } catch (ExpressionException e) {
      problems.add(node, e.why());
      return null;
    } catch (Placeholders.Unresolved e) {
      problems.add(node, "expected " + e.expected());
      return null;
    }
  }

  private @Nullable RoutePart shortForm(ScalarNode scalar, boolean predicate)
      throws ExpressionException {
    String whole = placeholders.resolve(scalar.text());
    WhenClause clause = predicate ? new WhenClause(whole, null) : WhenClause.of(whole);
    String text = clause.filter();
    int equals = text.indexOf('=');
    String name = equals <= 0 ? text : text.substring(0, equals);
    if (!NAME.matcher(name).matches() || (predicate && equals <= 0)) {
      problems.wrong(
          scalar, predicate ? "a predicate such as Path=/**" : "a filter such as Name=argument");
      return null;
    }
    Map<String, String> args = new LinkedHashMap<>();
    if (equals > 0) {
      for (String each : arguments(name, text.substring(equals + 1))) {
        args.put(RoutePart.generatedKey(args.size()), each);
      }
    }
    return part(name, args, clause.when(), predicate);
  }

  /** A part whose condition is good, with the values of its files. */
  private RoutePart part(
      String name, Map<String, String> args, @Nullable String when, boolean predicate)
      throws ExpressionException {
    if (predicate && name.equals(CONDITION)) {
      Map<String, String> conditions = new LinkedHashMap<>();
      for (Map.Entry<String, String> argument : args.entrySet()) {
        conditions.put(argument.getKey(), condition(argument.getValue()));
      }
      return new RoutePart(name, conditions);
    }
    return new RoutePart(name, args, when == null ? null : condition(when));
  }

  private String condition(String written) throws ExpressionException {
    String expanded = files.expanded(written);
    var unused = Condition.parse(expanded);
    return expanded;
  }

  /**
   * Splits arguments as the Gateway does, except that the last argument of some filters, such as a
   * text, may contain commas.
   */
  private static String[] arguments(String name, String text) {
    int most = name.equals(CONDITION) ? 1 : FilterKind.of(name).mostArguments();
    return most == 1 ? new String[] {text.strip()} : notEmpty(text.split(",", most));
  }

  private static String[] notEmpty(String... arguments) {
    return Stream.of(arguments)
        .map(String::trim)
        .filter(each -> !each.isEmpty())
        .toArray(String[]::new);
  }

  private @Nullable RoutePart longForm(MapNode map, boolean predicate) throws ExpressionException {
    if (!(map.get("name") instanceof ScalarNode name)) {
      return null;
    }
    String text = placeholders.resolve(name.text());
    if (!NAME.matcher(text).matches()) {
      problems.wrong(name, "a name such as Path");
      return null;
    }
    Map<String, String> args = new LinkedHashMap<>();
    MapNode written = map.map("args");
    if (written != null) {
      written.entries().forEach((key, value) -> flatten(key, value, args));
    }
    String when =
        map.get("when") instanceof ScalarNode scalar ? placeholders.resolve(scalar.text()) : null;
    if (predicate && when != null) {
      problems.add(map, "expected no 'when', which is for filters; a predicate When=… has one");
      return null;
    }
    return part(text, args, when, predicate);
  }

  /**
   * Flattens nested values as Spring Boot does for the Gateway's map of strings: {@code
   * patterns[0]}.
   */
  private void flatten(String key, Node value, Map<String, String> args) {
    switch (value) {
      case ScalarNode scalar -> args.put(key, placeholders.resolve(scalar.text()));
      case ListNode list -> {
        for (int i = 0; i < list.items().size(); i++) {
          flatten(key + "[" + i + "]", list.items().get(i), args);
        }
      }
      case MapNode map -> map.entries().forEach((k, v) -> flatten(key + "." + k, v, args));
    }
  }
}
