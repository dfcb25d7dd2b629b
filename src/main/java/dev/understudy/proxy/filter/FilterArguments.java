package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A filter's arguments by name. Arguments of the short form have the filter's names in order. In
 * the long form letter case, hyphens and underscores of names do not matter, and the elements of a
 * list ({@code name[0]} and so on) are one argument, separated by commas.
 *
 * <p>A wrong argument is an {@link IllegalArgumentException} whose message says what was expected;
 * one of a filter that is the Gateway's to judge a {@link NotCompilableException}.
 */
final class FilterArguments {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final FilterKind kind;
  private final boolean judged;
  private final Map<String, String> values = new LinkedHashMap<>();

  /** Header fields by name. */
  final Map<String, String> headers = new LinkedHashMap<>();

  /**
   * Resolves the arguments of a filter.
   *
   * @param judged whether a wrong argument is the filter's fault; otherwise the Gateway judges it
   */
  FilterArguments(RoutePart filter, FilterKind kind, boolean judged) throws NotCompilableException {
    this.kind = kind;
    this.judged = judged;
    List<String> names = kind.arguments();
    int index = 0;
    for (Map.Entry<String, String> argument : filter.args().entrySet()) {
      String key = argument.getKey();
      boolean generated = RoutePart.isGenerated(key);
      if (generated ? index >= names.size() : !put(key, argument.getValue())) {
        throw wrong(
            unexpected(generated ? null : key, filter.args().size()),
            "an argument of filter " + kind.name() + " is not known");
      }
      if (generated) {
        values.put(names.get(index), argument.getValue());
      }
      index++;
    }
  }

  private boolean put(String key, String value) {
    if (kind.is(FilterKind.Trait.FIELDS) && key.startsWith(FilterKind.FIELD_PREFIX)) {
      headers.put(key.substring(FilterKind.FIELD_PREFIX.length()), value);
      return true;
    }
    int bracket = key.indexOf('[');
    String written = uniform(bracket < 0 ? key : key.substring(0, bracket));
    for (String name : kind.arguments()) {
      if (uniform(name).equals(written)) {
        values.merge(name, value, (one, next) -> one + "," + next);
        return true;
      }
    }
    return false;
  }

  private static String uniform(String name) {
    return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }

  private String unexpected(@Nullable String key, int found) {
    List<String> names = kind.arguments();
    if (names.isEmpty()) {
      return kind.name() + ": expected no argument";
    }
    return key == null
        ? "expected at most " + names.size() + " arguments " + names + ", found " + found
        : "expected the arguments " + String.join(", ", names) + ", found " + key;
  }

  /**
   * @param message says what was expected
   * @param why the reason for which the filter is not compiled if the Gateway judges it
   */
  private IllegalArgumentException wrong(String message, String why) throws NotCompilableException {
    if (!judged) {
      throw new NotCompilableException(why);
    }
    return new IllegalArgumentException(message);
  }

  /** A value as messages show it. */
  static String quoted(@Nullable String value) {
    return value == null ? "nothing" : "'" + value + "'";
  }

  private String notPlain(String name) {
    return "argument " + name + " of filter " + kind.name() + " is not a plain value";
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  @Nullable String text(String name) {
    return values.get(name);
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  String required(String name) throws NotCompilableException {
    String value = values.get(name);
    if (value == null || value.isEmpty()) {
      throw wrong(
          name + ": expected a value, found nothing", "filter " + kind.name() + " has no " + name);
    }
    return value;
  }

  /** The argument as a number of at most nine digits; null if it is absent. */
  @Nullable Integer number(String name) throws NotCompilableException {
    String value = values.get(name);
    if (value != null && !NUMBER.matcher(value).matches()) {
      throw wrong(name + ": expected a whole number, found '" + value + "'", notPlain(name));
    }
    return value == null ? null : Integer.valueOf(value);
  }

  int number(String name, int otherwise) throws NotCompilableException {
    Integer value = number(name);
    return value == null ? otherwise : value;
  }

  int requiredNumber(String name) throws NotCompilableException {
    var unused = required(name);
    return number(name, 0);
  }

  boolean flag(String name, boolean otherwise) throws NotCompilableException {
    String value = values.get(name);
    if (value != null && !value.equals("true") && !value.equals("false")) {
      throw new NotCompilableException(notPlain(name));
    }
    return value == null ? otherwise : value.equals("true");
  }
}
