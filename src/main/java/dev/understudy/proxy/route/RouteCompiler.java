package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.filter.FilterCompiler;
import dev.understudy.proxy.filter.NotCompilableException;
import dev.understudy.proxy.filter.Step;
import dev.understudy.proxy.guard.GuardRegistry;
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

  private final RequestFields fields;

  /** What the compiled predicates and filters of each route are; the same for all listeners. */
  private final List<Compiled> compiled;

  private final NameTree<RoutesByMethod> anyHost = new NameTree<>();
  private final NameTree<NameTree<RoutesByMethod>> hosts = new NameTree<>();
  private final ConditionalRoutes conditional = new ConditionalRoutes();
  private int firstWithHost = NameTree.NONE;

  /**
   * A route by itself.
   *
   * @param route null if it is not compiled
   * @param why why it is not; null if it is
   */
  private record Compiled(
      RouteConditions conditions, @Nullable CompiledRoute route, @Nullable String why) {}

  private RouteCompiler(
      List<RouteSpec> sources,
      List<Compiled> compiled,
      @Nullable String listener,
      RequestFields fields) {
    this.sources = sources;
    this.compiled = compiled;
    this.listener = listener;
    this.fields = fields;
    for (int i = 0; i < sources.size(); i++) {
      place(i);
    }
  }

  /**
   * Compiles the table of these routes.
   *
   * @param routes in the order of the file
   * @param defaultFilters applied to every route
   * @param guards the process's
   */
  public static RouteTable compile(
      List<RouteSpec> routes, List<RoutePart> defaultFilters, GuardRegistry guards) {
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
    Parts parts = new Parts(defaultFilters, guards);
    List<Compiled> compiled = sorted.stream().map(parts::compile).toList();
    Map<String, RouteTable> ofListeners = new HashMap<>();
    compiled.stream()
        .flatMap(route -> route.conditions().listeners().stream())
        .distinct()
        .forEach(
            name ->
                ofListeners.put(
                    name, new RouteCompiler(sorted, compiled, name, fields).table(Map.of())));
    return new RouteCompiler(sorted, compiled, null, fields).table(ofListeners);
  }

  /** Compiles a table whose guards know nothing of earlier tables. */
  public static RouteTable compile(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    return compile(routes, defaultFilters, new GuardRegistry());
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

  /** Compiles predicates and filters of one route after the other. */
  private static final class Parts {
    private final List<RoutePart> defaultFilters;
    private final GuardRegistry guards;

    /**
     * Known pools: routes share equal objects, so that requests of different routes find them in
     * the cache.
     */
    private final Map<PoolId, PoolId> pools = new HashMap<>();

    private final Map<List<Step>, RouteSteps> stepsKnown = new HashMap<>();

    /** The compiled default filters, by the variables of routes. */
    private final Map<Set<String>, List<Step>> defaults = new HashMap<>();

    Parts(List<RoutePart> defaultFilters, GuardRegistry guards) {
      this.defaultFilters = defaultFilters;
      this.guards = guards;
    }

    Compiled compile(RouteSpec source) {
      RouteConditions when = RouteConditions.of(source.predicates());
      try {
        @Nullable PoolId pool = pool(source);
        List<Step> steps = steps(source);
        if (when.why() != null) {
          return new Compiled(when, null, when.why());
        }
        CompiledRoute route =
            new CompiledRoute(
                source.id(),
                pool == null ? null : pools.computeIfAbsent(pool, known -> known),
                stepsKnown.computeIfAbsent(steps, RouteSteps::of));
        return new Compiled(when, route, null);
      } catch (NotCompilableException e) {
        return new Compiled(when, null, when.why() == null ? e.why() : when.why());
      }
    }

    private List<Step> steps(RouteSpec source) throws NotCompilableException {
      Set<String> variables = RouteVariables.of(source.predicates());
      List<Step> common = defaults.get(variables);
      if (common == null) {
        common = FilterCompiler.steps(defaultFilters, variables, GuardRegistry.DEFAULTS, guards);
        defaults.put(variables, common);
      }
      return FilterOrder.inOrder(
          defaultFilters,
          common,
          FilterCompiler.steps(source.filters(), variables, source.id(), guards));
    }
  }

  /** Null for a route that serves no request but ends each one itself. */
  private static @Nullable PoolId pool(RouteSpec source) throws NotCompilableException {
    for (String name : METADATA) {
      if (source.metadata().containsKey(name)) {
        throw new NotCompilableException("metadata " + name + " is not compiled");
      }
    }
    PoolId pool = source.pool();
    if (pool == null && !(source.uri().startsWith(RouteSpec.NOWHERE) && endsAll(source))) {
      throw new NotCompilableException("its uri names no pool");
    }
    return pool;
  }

  private static boolean endsAll(RouteSpec source) {
    return source.filters().stream()
        .anyMatch(each -> each.when() == null && FilterKind.of(each).is(Trait.ENDING));
  }

  private void place(int index) {
    Compiled route = compiled.get(index);
    RouteConditions when = route.conditions();
    Condition condition = when.condition();
    if (!when.isFor(listener)) {
      return;
    }
    if (route.why() == null && condition != null) {
      conditional.add(2 * index + 1, when, condition);
    } else {
      place(2 * index + (route.why() == null ? 1 : 0), when);
    }
  }

  private void place(int rank, RouteConditions when) {
    if (when.hosts().isEmpty()) {
      place(rank, when, anyHost);
      return;
    }
    firstWithHost = Math.min(firstWithHost, rank);
    for (NamePattern host : when.hosts()) {
      if (when.paths().isEmpty() && when.methods() == Methods.ALL) {
        hosts.put(host, rank);
      } else {
        place(rank, when, hosts.put(host, rank, NameTree::new));
      }
    }
  }

  private static void place(int rank, RouteConditions when, NameTree<RoutesByMethod> paths) {
    for (NamePattern path : orAny(when.paths())) {
      if (when.methods() == Methods.ALL) {
        paths.put(path, rank);
      } else {
        paths.put(path, rank, RoutesByMethod::new).add(rank, when.methods());
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
            compiled.stream()
                .map(Compiled::conditions)
                .filter(when -> when.isFor(listener))
                .flatMap(when -> when.hosts().stream())
                .toList(),
            hosts);
    @Nullable CompiledRoute[] routes =
        compiled.stream().map(Compiled::route).toArray(CompiledRoute[]::new);
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
      Set<String> listeners = compiled.get(i).conditions().listeners();
      lanes.add(lane(i, listeners.isEmpty() ? table : table.on(Collections.min(listeners))));
    }
    return new RouteTable(
        routes, anyHost, hosts, named, firstWithHost, conditional, ofListeners, lanes, fields);
  }

  private RouteLane lane(int index, RouteTable table) {
    String id = sources.get(index).id();
    String why = compiled.get(index).why();
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
    RouteConditions when = compiled.get(index).conditions();
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
