package dev.understudy.proxy.route;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The variables of routes' paths and hosts, such as {@code segment} of <code>/red/{segment}</code>:
 * in filters of the Gateway these names are its own.
 */
public final class RouteVariables {
  private static final Pattern VARIABLE = Pattern.compile("\\{\\*?([A-Za-z_][A-Za-z0-9_-]*)");
  private static final Set<String> PREDICATES = Set.of("Path", "Host");

  private RouteVariables() {}

  /** The variables of one route. */
  public static Set<String> of(List<RoutePart> predicates) {
    Set<String> found = new HashSet<>();
    for (RoutePart predicate : predicates) {
      if (PREDICATES.contains(predicate.name())) {
        for (String pattern : predicate.args().values()) {
          Matcher matcher = VARIABLE.matcher(pattern);
          while (matcher.find()) {
            found.add(matcher.group(1));
          }
        }
      }
    }
    return found;
  }

  /** The variables of all routes. */
  public static Set<String> ofAll(List<RouteSpec> routes) {
    Set<String> found = new HashSet<>();
    routes.forEach(route -> found.addAll(of(route.predicates())));
    return found;
  }
}
