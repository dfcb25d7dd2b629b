package dev.understudy.reload;

import dev.understudy.config.NamedArgs;
import dev.understudy.config.RouteSpec;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.proxy.route.RoutesInForce;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * Puts the file's routes into force in both lanes: the compiled table only if the Gateway accepts
 * the routes. Between the two steps a request may still find a route of the previous table, whose
 * pools all still exist.
 */
public final class BothLanes implements LiveConfiguration.Routes {
  /** The Gateway lane. */
  public interface Gateway {
    /**
     * Puts routes into force; empty on success, otherwise the reason, and the previous routes stay.
     */
    Optional<String> apply(List<RouteDefinition> routes, List<FilterDefinition> defaultFilters);

    /** Gives the Gateway a table that narrows its own search of the routes in force. */
    default void narrow(RouteTable table) {}
  }

  private final RouteTables tables;
  private final Gateway gateway;
  private final RoutesInForce inForce;
  private final Consumer<Set<String>> applied;

  /**
   * @param applied called with the ids of the routes that came into force
   */
  public BothLanes(
      RouteTables tables, Gateway gateway, RoutesInForce inForce, Consumer<Set<String>> applied) {
    this.tables = tables;
    this.gateway = gateway;
    this.inForce = inForce;
    this.applied = applied;
  }

  @Override
  public Optional<String> apply(List<RouteSpec> routes, List<NamedArgs> defaultFilters) {
    RouteTable table = tables.table(routes, defaultFilters);
    Optional<String> problem =
        gateway.apply(RouteDefinitions.of(routes), RouteDefinitions.filters(defaultFilters));
    if (problem.isEmpty()) {
      inForce.use(table);
      gateway.narrow(tables.search(table, routes, defaultFilters));
      applied.accept(routes.stream().map(RouteSpec::id).collect(Collectors.toSet()));
    }
    return problem;
  }
}
