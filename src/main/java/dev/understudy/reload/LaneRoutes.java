package dev.understudy.reload;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.route.CurrentRouteTable;
import dev.understudy.proxy.route.RouteTable;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts the file's routes into force in both lanes: the compiled table only if the Gateway accepts
 * the routes. The Gateway may come later: those in force are then put before it. Between the two
 * steps a request may still find a route of the previous table, whose pools all still exist.
 */
public final class LaneRoutes {
  /** Puts routes into force in one lane, whole or not at all. */
  public interface Routes {
    /** Applies the routes; empty on success, otherwise the reason. */
    Optional<String> apply(List<RouteSpec> routes, List<RoutePart> defaultFilters);
  }

  private final RouteTableFactory tables;
  private final CurrentRouteTable inForce;
  private final Consumer<Set<String>> applied;
  private @Nullable Gateway gateway;
  private @Nullable File file;

  /**
   * The Gateway lane.
   *
   * @param routes puts the routes into force
   * @param narrow takes a table that narrows its own search of the routes in force
   */
  private record Gateway(Routes routes, Consumer<RouteTable> narrow) {}

  /** The routes in force, as they were given. */
  private record File(List<RouteSpec> routes, List<RoutePart> defaultFilters, RouteTable table) {}

  /**
   * @param inForce the table of the express lane
   * @param applied called with the ids of the routes that came into force
   */
  public LaneRoutes(
      RouteTableFactory tables, CurrentRouteTable inForce, Consumer<Set<String>> applied) {
    this.tables = tables;
    this.inForce = inForce;
    this.applied = applied;
  }

  /**
   * Begins to use the Gateway lane, with the routes in force.
   *
   * @param lane puts the routes into force there
   * @param narrow gives the Gateway a table that narrows its own search of the routes in force
   * @return why the Gateway refuses them; empty if it does not
   */
  public synchronized Optional<String> join(Routes lane, Consumer<RouteTable> narrow) {
    Gateway joined = new Gateway(lane, narrow);
    gateway = joined;
    return file == null ? Optional.empty() : put(file, joined);
  }

  /** Applies the routes; empty on success, otherwise the reason. */
  public synchronized Optional<String> apply(
      List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    File next = new File(routes, defaultFilters, tables.table(routes, defaultFilters));
    Optional<String> problem = gateway == null ? Optional.empty() : put(next, gateway);
    if (problem.isEmpty()) {
      file = next;
      inForce.use(next.table());
      applied.accept(routes.stream().map(RouteSpec::id).collect(Collectors.toSet()));
    }
    return problem;
  }

  private Optional<String> put(File next, Gateway lane) {
    Optional<String> problem = lane.routes().apply(next.routes(), next.defaultFilters());
    if (problem.isEmpty()) {
      lane.narrow().accept(tables.search(next.table(), next.routes(), next.defaultFilters()));
    }
    return problem;
  }
}
