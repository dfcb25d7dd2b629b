package dev.understudy.proxy.route;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.filter.FilterCompiler;
import dev.understudy.proxy.filter.PrefixPath;
import dev.understudy.proxy.filter.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides which default filters run before all of a route's own: those of ours that refuse,
 * redirect or respond, and {@code StrictTransportSecurity}, which applies to their responses. The
 * Gateway lets default filters and a route's own take turns, so that a route's first filter could
 * end a request before a second default filter had guarded it. All other filters keep their place
 * in the Gateway's order.
 *
 * <p>If a default filter has a condition or values of the request, it and all default filters
 * before it come first, in the written order: conditions see what the filters before have changed.
 */
public final class FilterOrder {
  private FilterOrder() {}

  /**
   * Whether a default filter runs before all of a route's own.
   *
   * @param steps the compiled default filters; null where the Gateway's own filter runs
   * @param index the filter's position in {@code defaults}
   */
  public static boolean isFirst(
      List<RoutePart> defaults, List<? extends @Nullable Step> steps, int index) {
    for (int i = defaults.size() - 1; i >= index; i--) {
      if (FilterCompiler.isRule(defaults.get(i), steps.get(i))) {
        return true;
      }
    }
    // Default filters after the Gateway's redirect, which ends every request, have no effect.
    return FilterKind.of(defaults.get(index)).is(Trait.FIRST)
        && defaults.subList(0, index).stream()
            .noneMatch(filter -> filter.name().equals("RedirectTo"));
  }

  /**
   * The steps of default filters and of a route's own in the Gateway's order: it gives both the
   * orders 1, 2, … each, and sorts them without changing the order of equals. A second {@code
   * PrefixPath} is left out: the Gateway prefixes a path only once.
   *
   * @param steps the compiled default filters
   * @param own the compiled filters of the route
   */
  static List<Step> inOrder(List<RoutePart> defaults, List<Step> steps, List<Step> own) {
    List<Step> first = new ArrayList<>();
    List<Step> turns = new ArrayList<>();
    for (int i = 0; i < Math.max(steps.size(), own.size()); i++) {
      if (i < steps.size()) {
        (isFirst(defaults, steps, i) ? first : turns).add(steps.get(i));
      }
      if (i < own.size()) {
        turns.add(own.get(i));
      }
    }
    first.addAll(turns);
    List<Step> prefixes = first.stream().filter(PrefixPath.class::isInstance).toList();
    prefixes.stream().skip(1).forEach(prefix -> first.remove(first.lastIndexOf(prefix)));
    return first;
  }
}
