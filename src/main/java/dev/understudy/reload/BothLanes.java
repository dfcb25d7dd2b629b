package dev.understudy.reload;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.proxy.route.RoutesInForce;
import dev.understudy.reload.LiveConfiguration.Routes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Puts the file's routes into force in both lanes: the compiled table only if the Gateway accepts
 * the routes. Between the two steps a request may still find a route of the previous table, whose
 * pools all still exist.
 */
public final class BothLanes implements Routes {
  private final RouteTables tables;
  private final Routes gateway;
  private final Consumer<RouteTable> narrow;
  private final RoutesInForce inForce;
  private final Consumer<Set<String>> applied;

  /**
   * @param gateway puts the routes into force in the Gateway lane
   * @param narrow gives the Gateway a table that narrows its own search of the routes in force
   * @param inForce the table of the express lane
   * @param applied called with the ids of the routes that came into force
   */
  public BothLanes(
      RouteTables tables,
      Routes gateway,
      Consumer<RouteTable> narrow,
      RoutesInForce inForce,
      Consumer<Set<String>> applied) {
    this.tables = tables;
    this.gateway = gateway;
    this.narrow = narrow;
    this.inForce = inForce;
    this.applied = applied;
  }

  @Override
  public Optional<String> apply(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    RouteTable table = tables.table(routes, defaultFilters);
    Optional<String> problem = gateway.apply(routes, defaultFilters);
    if (problem.isEmpty()) {
      inForce.use(table);
      narrow.accept(tables.search(table, routes, defaultFilters));
      applied.accept(routes.stream().map(RouteSpec::id).collect(Collectors.toSet()));
    }
    return problem;
  }
}
