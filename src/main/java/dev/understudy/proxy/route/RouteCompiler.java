package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.http.RequestFields;
import dev.understudy.proxy.route.NamePattern.End;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles routes to a {@link RouteTable}. Never fails: a route with unknown parts stays with the
 * Gateway, and so does every request that such a route might match before a compiled one.
 */
public final class RouteCompiler {
  /** Metadata with rules for a path, which the Gateway applies to the requests of all routes. */
  private static final String CORS = "cors";

  private static final Set<String> METADATA = Set.of("response-timeout", "connect-timeout");

  /** A name that no pattern has, as an example of any name. */
  private static final String FRESH = "understudy-any-name";

  private final List<RouteSpec> sources;

  /** The listener whose requests are looked up; null for all that no route names. */
  private final @Nullable String listener;

  private final Guards guards;
  private final RequestFields fields;
  private final List<Conditions> conditions = new ArrayList<>();
  private final List<@Nullable String> reasons = new ArrayList<>();
  private final @Nullable CompiledRoute[] routes;

  /**
   * Known pools: routes share equal objects, so that requests of different routes find them in the
   * cache.
   */
  private final Map<PoolId, PoolId> pools = new HashMap<>();

  private final Map<List<Step>, RouteSteps> stepsKnown = new HashMap<>();

  private final Tree<Slot> anyHost = new Tree<>();
  private final Tree<Tree<Slot>> hosts = new Tree<>();
  private final ConditionalRoutes conditional = new ConditionalRoutes();
  private int firstWithHost = Tree.NONE;

  private RouteCompiler(
      List<RouteSpec> sources, @Nullable String listener, Guards guards, RequestFields fields) {
    this.fields = fields;
    this.sources = sources;
    this.listener = listener;
    this.guards = guards;
    this.routes = new @Nullable CompiledRoute[sources.size()];
  }

  /**
   * Compiles the table of these routes.
   *
   * @param routes in the order of the file
   * @param defaultFilters applied to every route
   * @param guards the process's
   */
  public static RouteTable compile(
      List<RouteSpec> routes, List<RoutePart> defaultFilters, Guards guards) {
    List<RouteSpec> sorted = sorted(routes);
    for (RouteSpec route : sorted) {
      if (route.metadata().containsKey(CORS)) {
        return gatewayOnly(
            routes,
            defaultFilters,
            "route " + route.id() + " has CORS rules, which the Gateway applies to all");
      }
    }
    RequestFields fields = FieldNames.of(routes, defaultFilters);
    RouteCompiler compiler = new RouteCompiler(sorted, null, guards, fields);
    compiler.addAll(defaultFilters);
    Map<String, RouteTable> ofListeners = new HashMap<>();
    compiler.conditions.stream()
        .flatMap(when -> when.listeners().stream())
        .distinct()
        .forEach(
            name -> {
              RouteCompiler own = new RouteCompiler(sorted, name, guards, fields);
              own.addAll(defaultFilters);
              ofListeners.put(name, own.table(Map.of()));
            });
    return compiler.table(ofListeners);
  }

  private void addAll(List<RoutePart> defaultFilters) {
    for (int i = 0; i < sources.size(); i++) {
      add(i, defaultFilters);
    }
  }

  /** Compiles a table whose guards know nothing of earlier tables. */
  public static RouteTable compile(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    return compile(routes, defaultFilters, new Guards());
  }

  /**
   * Returns a table in which no route is found.
   *
   * @param why the reason for the operator; one sentence without a full stop
   */
  public static RouteTable gatewayOnly(
      List<RouteSpec> routes, List<RoutePart> defaultFilters, String why) {
    List<RouteLane> lanes =
        sorted(routes).stream().map(route -> new RouteLane(route.id(), false, why)).toList();
    return RouteTable.gatewayOnly(lanes, FieldNames.of(routes, defaultFilters));
  }

  /** Sorts routes by their order, as the Gateway does; those of equal order keep theirs. */
  private static List<RouteSpec> sorted(List<RouteSpec> routes) {
    return routes.stream().sorted(Comparator.comparingInt(RouteSpec::order)).toList();
  }

  private void add(int index, List<RoutePart> defaultFilters) {
    RouteSpec source = sources.get(index);
    Conditions when = Conditions.of(source.predicates());
    conditions.add(when);
    String why = when.why();
    try {
      PoolId pool = pool(source);
      RouteSteps steps =
          new RouteSteps(
              FilterCompiler.compile(
                  defaultFilters,
                  source.filters(),
                  RouteVariables.of(source.predicates()),
                  source.id(),
                  guards));
      routes[index] =
          why == null
              ? new CompiledRoute(
                  source.id(),
                  pools.computeIfAbsent(pool, known -> known),
                  stepsKnown.computeIfAbsent(steps.all(), same -> steps))
              : null;
    } catch (NotCompilableException e) {
      why = why == null ? e.why() : why;
    }
    reasons.add(why);
    Condition condition = when.condition();
    if (!when.isFor(listener)) {
      return;
    }
    if (why == null && condition != null) {
      conditional.add(2 * index + 1, when, condition);
    } else {
      place(2 * index + (why == null ? 1 : 0), when);
    }
  }

  private static PoolId pool(RouteSpec source) throws NotCompilableException {
    for (String name : METADATA) {
      if (source.metadata().containsKey(name)) {
        throw new NotCompilableException("metadata " + name + " is not compiled");
      }
    }
    PoolId pool = source.pool();
    if (pool == null) {
      throw new NotCompilableException("its uri names no pool");
    }
    return pool;
  }

  private void place(int rank, Conditions when) {
    if (when.hosts().isEmpty()) {
      place(rank, when, anyHost);
      return;
    }
    firstWithHost = Math.min(firstWithHost, rank);
    for (NamePattern host : when.hosts()) {
      if (when.paths().isEmpty() && when.methods() == Methods.ALL) {
        hosts.put(host, rank);
      } else {
        place(rank, when, hosts.put(host, rank, Tree::new));
      }
    }
  }

  private static void place(int rank, Conditions when, Tree<Slot> paths) {
    for (NamePattern path : orAny(when.paths())) {
      if (when.methods() == Methods.ALL) {
        paths.put(path, rank);
      } else {
        paths.put(path, rank, Slot::new).add(rank, when.methods());
      }
    }
  }

  private static List<NamePattern> orAny(List<NamePattern> patterns) {
    return patterns.isEmpty() ? List.of(NamePattern.UNKNOWN) : patterns;
  }

  /**
   * @param ofListeners the tables of the listeners that routes name
   */
  private RouteTable table(Map<String, RouteTable> ofListeners) {
    ExactHostIndex named =
        ExactHostIndex.of(
            conditions.stream()
                .filter(when -> when.isFor(listener))
                .flatMap(when -> when.hosts().stream())
                .toList(),
            hosts);
    RouteTable table =
        new RouteTable(
            routes,
            anyHost,
            hosts,
            named,
            firstWithHost,
            conditional,
            ofListeners,
            List.of(),
            fields);
    if (listener != null) {
      return table;
    }
    List<RouteLane> lanes = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      Set<String> listeners = conditions.get(i).listeners();
      lanes.add(lane(i, listeners.isEmpty() ? table : table.on(Collections.min(listeners))));
    }
    return new RouteTable(
        routes, anyHost, hosts, named, firstWithHost, conditional, ofListeners, lanes, fields);
  }

  private RouteLane lane(int index, RouteTable table) {
    String id = sources.get(index).id();
    String why = reasons.get(index);
    if (why != null) {
      return new RouteLane(id, false, why);
    }
    int first = firstBefore(index, table);
    return first < 0
        ? new RouteLane(id, true, "its predicates and filters are compiled")
        : new RouteLane(
            id,
            false,
            "route "
                + sources.get(first).id()
                + " comes first, is not compiled and might match the same requests");
  }

  /**
   * The index of a route that is not compiled and keeps requests from this one, by a lookup of
   * examples that stand for all its requests; -1 if an example finds this route, or all of them
   * find compiled routes before it.
   */
  private int firstBefore(int index, RouteTable table) {
    Conditions when = conditions.get(index);
    int before = -1;
    for (NamePattern host : orAny(when.hosts())) {
      String hostName = when.hosts().isEmpty() ? null : host(host);
      for (NamePattern path : orAny(when.paths())) {
        String text = path(path);
        for (int method = 0; method < Methods.COUNT; method++) {
          if ((when.methods() & (1 << method)) == 0) {
            continue;
          }
          int rank = table.rank(method, hostName, text);
          boolean found = when.condition() == null ? rank == 2 * index + 1 : rank > 2 * index + 1;
          if (found) {
            return -1;
          }
          before = RouteTable.isCompiled(rank) ? before : rank >> 1;
        }
      }
    }
    return before;
  }

  private static String path(NamePattern pattern) {
    return "/" + String.join("/", example(pattern));
  }

  private static String host(NamePattern pattern) {
    return String.join(".", example(pattern).reversed());
  }

  private static List<String> example(NamePattern pattern) {
    List<String> names = new ArrayList<>(pattern.names());
    names.replaceAll(name -> name.equals(NamePattern.SOME) ? FRESH : name);
    int more = pattern.end() == End.REST ? 2 : pattern.end() == End.ONE ? 1 : 0;
    for (int i = 0; i < more; i++) {
      names.add(FRESH);
    }
    return names;
  }
}
