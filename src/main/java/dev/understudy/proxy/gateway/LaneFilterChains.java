package dev.understudy.proxy.gateway;

import dev.understudy.pool.RouteSpec;
import java.util.List;
import java.util.Set;
import org.springframework.cloud.gateway.filter.ForwardPathFilter;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.RouteToRequestUrlFilter;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.core.DecoratingProxy;

/**
 * The filters of each route. A route to a pool whose own filters are all compiled ones always leads
 * to a pool: it needs none of the Gateway's filters that compute another target or write what the
 * Gateway's own client has received.
 */
final class LaneFilterChains extends FilteringWebHandler {
  private static final Set<Class<?>> OF_OTHER_TARGETS =
      Set.of(
          RouteToRequestUrlFilter.class, ForwardPathFilter.class, NettyWriteResponseFilter.class);

  LaneFilterChains(List<GlobalFilter> global) {
    super(global, true);
  }

  @Override
  protected List<GatewayFilter> getAllFilters(Route route) {
    List<GatewayFilter> all = super.getAllFilters(route);
    boolean staysWithPools =
        RouteSpec.POOL_SCHEME.equals(route.getUri().getScheme())
            && route.getFilters().stream().allMatch(own -> inner(own) instanceof StepFilter);
    return staysWithPools
        ? all.stream().filter(filter -> !OF_OTHER_TARGETS.contains(type(filter))).toList()
        : all;
  }

  private static GatewayFilter inner(GatewayFilter filter) {
    return filter instanceof OrderedGatewayFilter ordered ? ordered.getDelegate() : filter;
  }

  /** The filter's own class: the Gateway wraps global filters. */
  private static Class<?> type(GatewayFilter filter) {
    GatewayFilter inner = inner(filter);
    return inner instanceof DecoratingProxy global ? global.getDecoratedClass() : inner.getClass();
  }
}
