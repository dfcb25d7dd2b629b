package dev.understudy.proxy.gateway;

import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.route.FilterOrder;
import dev.understudy.proxy.route.RuleCompiler;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.support.HasRouteId;

/**
 * Delegates to another filter factory and orders its filter before a route's first; see {@link
 * FilterOrder}.
 */
final class FirstFilterFactory<C> implements GatewayFilterFactory<C> {
  /** Makes the name unique: names in a file contain no space. */
  private static final String SUFFIX = " first";

  /** Below the order of a route's first filter, which the Gateway numbers from 1. */
  static final int ORDER = 0;

  private final GatewayFilterFactory<C> filters;

  FirstFilterFactory(GatewayFilterFactory<C> filters) {
    this.filters = filters;
  }

  /**
   * Returns the default filters for the Gateway; those that come first are renamed to such a
   * factory.
   *
   * @param variables names in braces that are routes' own
   */
  static List<FilterDefinition> in(List<RoutePart> defaults, Set<String> variables) {
    return IntStream.range(0, defaults.size()).mapToObj(i -> in(defaults, i, variables)).toList();
  }

  private static FilterDefinition in(List<RoutePart> defaults, int index, Set<String> variables) {
    RoutePart filter = defaults.get(index);
    boolean first = FilterOrder.isFirst(defaults, index, variables);
    if (RuleCompiler.isRule(filter, variables)
        || RuleCompiler.isPathOfValues(filter)
        || (first && !FilterOrder.isNamedFirst(filter))) {
      return RuleFilterFactory.definition(filter, variables, Guards.DEFAULTS, first);
    }
    return RouteDefinitions.filter(first ? first(filter) : filter);
  }

  private static RoutePart first(RoutePart filter) {
    return new RoutePart(filter.name() + SUFFIX, filter.args());
  }

  @Override
  public String name() {
    return filters.name() + SUFFIX;
  }

  @Override
  public GatewayFilter apply(C config) {
    if (config instanceof HasRouteId guard) {
      // All routes share the state of a default filter.
      guard.setRouteId(Guards.DEFAULTS);
    }
    return new OrderedGatewayFilter(filters.apply(config), ORDER);
  }

  @Override
  public Class<C> getConfigClass() {
    return filters.getConfigClass();
  }

  @Override
  public C newConfig() {
    return filters.newConfig();
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return filters.shortcutFieldOrder();
  }
}
