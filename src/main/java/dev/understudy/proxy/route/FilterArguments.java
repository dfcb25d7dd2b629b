package dev.understudy.proxy.route;

import dev.understudy.pool.RoutePart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A filter's arguments by name, as the Gateway's {@code ShortcutType.DEFAULT} resolves them:
 * arguments of the short form take the filter's names in order.
 */
final class FilterArguments {
  private static final int MOST_DIGITS = 9;

  private final String filter;
  private final Map<String, String> values = new LinkedHashMap<>();

  /**
   * Resolves the arguments of a filter whose values must have no braces.
   *
   * @param names all names of the filter, in the order of the short form
   * @throws NotCompilableException if there is another name, or a value to be evaluated for each
   *     request
   */
  FilterArguments(RoutePart filter, List<String> names) throws NotCompilableException {
    this(filter, names, false);
  }

  private FilterArguments(RoutePart filter, List<String> names, boolean braces)
      throws NotCompilableException {
    this.filter = filter.name();
    int index = 0;
    for (Map.Entry<String, String> argument : filter.args().entrySet()) {
      String key = argument.getKey();
      String name = RoutePart.isGenerated(key) && index < names.size() ? names.get(index) : key;
      index++;
      if (!names.contains(name) || values.put(name, argument.getValue()) != null) {
        throw new NotCompilableException("an argument of filter " + this.filter + " is not known");
      }
      if (braces ? isExpression(argument.getValue()) : argument.getValue().indexOf('{') >= 0) {
        throw new NotCompilableException("filter " + this.filter + " has a placeholder");
      }
    }
  }

  /** The arguments of a filter that takes braces literally. */
  static FilterArguments withText(RoutePart filter, List<String> names)
      throws NotCompilableException {
    return new FilterArguments(filter, names, true);
  }

  /** Whether the Gateway's {@code ShortcutConfigurable} would evaluate the value. */
  private static boolean isExpression(String value) {
    return value.trim().startsWith("#{") && value.endsWith("}");
  }

  /**
   * Returns the filter with the elements of a list ({@code name[0]} and so on) as one argument of
   * that name, separated by commas.
   */
  static RoutePart withList(RoutePart filter, String name) {
    Map<String, String> args = new LinkedHashMap<>();
    filter
        .args()
        .forEach(
            (key, value) ->
                args.merge(
                    key.startsWith(name + "[") ? name : key,
                    value,
                    (one, next) -> one + "," + next));
    return new RoutePart(filter.name(), args);
  }

  @Nullable String text(String name) {
    return values.get(name);
  }

  String required(String name) throws NotCompilableException {
    String value = values.get(name);
    if (value == null || value.isEmpty()) {
      throw new NotCompilableException("filter " + filter + " has no " + name);
    }
    return value;
  }

  /** The argument as a number from 0 to 999,999,999; null if it is absent. */
  @Nullable Integer number(String name) throws NotCompilableException {
    String value = values.get(name);
    if (value == null) {
      return null;
    }
    boolean digits = !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits || value.length() > MOST_DIGITS) {
      throw unexpected(name);
    }
    return Integer.valueOf(value);
  }

  boolean flag(String name, boolean otherwise) throws NotCompilableException {
    String value = values.get(name);
    if (value != null && !value.equals("true") && !value.equals("false")) {
      throw unexpected(name);
    }
    return value == null ? otherwise : value.equals("true");
  }

  private NotCompilableException unexpected(String name) {
    return new NotCompilableException(
        "argument " + name + " of filter " + filter + " is not a plain value");
  }
}
