package dev.understudy.proxy.gateway;

import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.route.FilterOrder;
import java.util.List;
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
  private static final int ORDER = 0;

  private final GatewayFilterFactory<C> filters;

  FirstFilterFactory(GatewayFilterFactory<C> filters) {
    this.filters = filters;
  }

  /**
   * Returns the default filters for the Gateway; those that come first are renamed to such a
   * factory.
   */
  static List<FilterDefinition> in(List<RoutePart> defaults) {
    List<String> names = defaults.stream().map(RoutePart::name).toList();
    return IntStream.range(0, names.size())
        .mapToObj(i -> FilterOrder.isFirst(names, i) ? first(defaults.get(i)) : defaults.get(i))
        .map(RouteDefinitions::filter)
        .toList();
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
