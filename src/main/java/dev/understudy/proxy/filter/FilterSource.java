package dev.understudy.proxy.filter;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.http.HttpToken;
import java.util.Collection;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A filter as written, with all that it is compiled from. Wrong arguments are {@link
 * IllegalArgumentException}s whose messages say what was expected; what is left to the Gateway is a
 * {@link NotCompilableException}.
 *
 * @param variables names in braces that are the route's own
 * @param route the id of the route, or {@link GuardRegistry#DEFAULTS}
 */
record FilterSource(
    RoutePart filter, FilterKind kind, Set<String> variables, String route, GuardRegistry guards) {
  /** What the Gateway takes for a variable. */
  private static final Pattern BRACES = Pattern.compile("\\{([^/]+?)}");

  /** The written values of the arguments. */
  Collection<String> values() {
    return filter.args().values();
  }

  boolean isConditional() {
    return filter.when() != null;
  }

  /** The arguments, which are judged here. */
  FilterArguments arguments() throws NotCompilableException {
    return new FilterArguments(filter, kind, true);
  }

  /** The arguments of a filter of the Gateway, which judges them if they are not plain. */
  FilterArguments left() throws NotCompilableException {
    if (values().stream().anyMatch(value -> value.indexOf('{') >= 0)) {
      throw placeholder();
    }
    return leftWithBraces();
  }

  /** The arguments of a filter of the Gateway, in which braces may stand. */
  FilterArguments leftWithBraces() throws NotCompilableException {
    return new FilterArguments(filter, kind, false);
  }

  NotCompilableException notCompiled() {
    return new NotCompilableException("filter " + filter.name() + " is not compiled");
  }

  NotCompilableException placeholder() {
    return new NotCompilableException("filter " + filter.name() + " has a placeholder");
  }

  Template template(String text) {
    try {
      return Template.parse(text, variables);
    } catch (ExpressionException e) {
      throw new IllegalArgumentException(e.why(), e);
    }
  }

  /** Whether an argument has values of the request, or what looks like one. */
  boolean hasValues() {
    return values().stream().anyMatch(this::hasValues);
  }

  /** Whether a text has values of the request, or what looks like one. */
  boolean hasValues(String text) {
    try {
      return !Template.parse(text, variables).isConstant();
    } catch (ExpressionException e) {
      return true;
    }
  }

  /**
   * Whether an argument has braces that are none of the route's variables, as JSON has: the Gateway
   * would fail each request for want of such a variable. Expressions of Spring, {@code #{…}}, do
   * not count.
   */
  boolean hasOtherBraces() {
    return values().stream().anyMatch(this::hasOtherBraces);
  }

  private boolean hasOtherBraces(String text) {
    if (text.startsWith("#{")) {
      return false;
    }
    Matcher braces = BRACES.matcher(text);
    boolean some = false;
    while (braces.find()) {
      String name = braces.group(1);
      int colon = name.indexOf(':');
      if (variables.contains(colon < 0 ? name : name.substring(0, colon))) {
        return false;
      }
      some = true;
    }
    return some;
  }

  /** Whether an argument names a variable of the route. */
  boolean namesVariable() {
    return values().stream()
        .anyMatch(value -> variables.stream().anyMatch(v -> value.contains("{" + v + "}")));
  }

  /** Returns the name of a field or a variable. */
  static String token(String name) {
    if (!HttpToken.is(name)) {
      throw new IllegalArgumentException(
          "name: expected a name of letters, digits and '-', found '" + name + "'");
    }
    return name;
  }

  /** Returns a value of RFC 9110 §5.5, limited to characters that every server takes. */
  static String visible(String value, String argument) {
    if (!isVisible(value)) {
      throw new IllegalArgumentException(argument + ": expected visible ASCII characters");
    }
    return value;
  }

  static boolean isVisible(String value) {
    return value.chars().allMatch(c -> c >= ' ' && c <= '~');
  }
}
