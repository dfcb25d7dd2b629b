package dev.understudy.gatewayapi.translate;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.gatewayapi.object.Match;
import dev.understudy.gatewayapi.object.Match.FieldMatch;
import dev.understudy.gatewayapi.object.Match.PathMatch;
import dev.understudy.gatewayapi.object.Match.PathType;
import dev.understudy.pool.RoutePart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Matches as predicates of the express lane: host, path and method as such where their text can
 * only mean itself, everything else as one condition.
 */
final class MatchPredicates {
  /** Paths whose characters patterns give no meaning. */
  private static final Pattern PLAIN =
      Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~!$&'()+=:@-]+)*/?");

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

  private MatchPredicates() {}

  /**
   * The predicates of all requests of a host.
   *
   * @param listener the id of the data plane's listener
   * @param hostname exact or {@code *.} and a domain; null for all
   */
  static List<RoutePart> of(String listener, @Nullable String hostname) {
    List<RoutePart> parts = new ArrayList<>();
    addPlace(listener, hostname, false, parts);
    String when = notTheDomain(hostname);
    if (when != null) {
      parts.add(when(when));
    }
    return parts;
  }

  /**
   * The predicates of a match.
   *
   * @param listener the id of the data plane's listener
   * @param hostname exact or {@code *.} and a domain; null for all
   * @param oneLabel whether its {@code *} stands for one label
   * @throws Refusal if it cannot be said in predicates
   */
  static List<RoutePart> of(
      String listener, @Nullable String hostname, boolean oneLabel, Match match) throws Refusal {
    List<RoutePart> parts = new ArrayList<>();
    List<String> terms = new ArrayList<>();
    addPlace(listener, hostname, oneLabel, parts);
    String below = oneLabel ? null : notTheDomain(hostname);
    if (below != null) {
      terms.add(below);
    }
    addPath(match.path(), parts, terms);
    String method = match.method();
    if (method != null) {
      if (!METHODS.contains(method)) {
        throw Refusal.unsupported("method " + method + " is not forwarded");
      }
      parts.add(part("Method", method));
    }
    for (FieldMatch each : match.headers()) {
      terms.add(term("header", each));
    }
    for (FieldMatch each : match.query()) {
      terms.add(term("query", each));
    }
    if (!terms.isEmpty()) {
      String condition = String.join(" and ", terms);
      requireValid(condition);
      parts.add(when(condition));
    }
    return parts;
  }

  private static void addPlace(
      String listener, @Nullable String hostname, boolean oneLabel, List<RoutePart> parts) {
    parts.add(part("Listener", listener));
    if (hostname != null) {
      boolean deep = hostname.startsWith("*.") && !oneLabel;
      parts.add(part("Host", deep ? "*" + hostname : hostname));
    }
  }

  /**
   * What {@code Host=**.example.com} matches and {@code *.example.com} of the API does not: the
   * domain itself.
   */
  private static @Nullable String notTheDomain(@Nullable String hostname) {
    return hostname != null && hostname.startsWith("*.")
        ? "not host(" + quoted(hostname.substring(2)) + ")"
        : null;
  }

  private static void addPath(PathMatch path, List<RoutePart> parts, List<String> terms) {
    if (path.type() == PathType.REGEX) {
      terms.add("path-matches(" + quoted(expression(path.value())) + ")");
      return;
    }
    String value = NormalPath.of(path.value());
    if (path.type() == PathType.EXACT) {
      if (isPlain(value)) {
        parts.add(part("Path", value));
      } else {
        terms.add("path(" + quoted(value) + ")");
      }
      return;
    }
    String prefix = NormalPath.withoutLastSlash(value);
    if (prefix.isEmpty()) {
      parts.add(part("Path", "/**"));
    } else if (isPlain(prefix)) {
      parts.add(part("Path", prefix + "/**"));
    } else {
      String text = quoted(prefix);
      terms.add("(path(" + text + ") or path-prefix(" + quoted(prefix + "/") + "))");
    }
  }

  private static boolean isPlain(String path) {
    return PLAIN.matcher(path).matches();
  }

  private static void requireValid(String condition) throws Refusal {
    try {
      var unused = Condition.parse(condition);
    } catch (ExpressionException e) {
      throw Refusal.unsupported(e.why());
    }
  }

  private static String term(String subject, FieldMatch match) {
    String name = quoted(match.name());
    return match.regex()
        ? subject + "-matches(" + name + ", " + quoted(expression(match.value())) + ")"
        : subject + "(" + name + ", " + quoted(match.value()) + ")";
  }

  /** An expression that has to match the whole text. */
  private static String expression(String written) {
    return "^(?:" + written + ")$";
  }

  private static RoutePart part(String name, String value) {
    return new RoutePart(name, Map.of(RoutePart.generatedKey(0), value));
  }

  private static RoutePart when(String condition) {
    return new RoutePart("When", Map.of("expression", condition));
  }

  /** A value as conditions have it, whatever its characters. */
  static String quoted(String value) {
    return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
