package dev.understudy.proxy.route;

import dev.understudy.condition.Facts;
import dev.understudy.proxy.http.NormalTarget;
import dev.understudy.proxy.http.RequestFields;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An immutable table of all routes; looked up once for each request, by any thread.
 *
 * <p>A lookup finds a host that routes name in full with a single look, if it comes in small
 * letters, as nearly all do. For any other host it goes down a tree of names, the host's labels
 * from the right. In both cases it then searches trees of path segments, a few at most for each
 * label: its cost depends on the length of the request, not on the size of the table. It creates no
 * objects.
 */
public final class RouteTable {
  /** A table that leaves every request to the Gateway. */
  public static final RouteTable GATEWAY_ONLY = gatewayOnly(List.of(), RequestFields.OWN);

  private static final int LARGEST_PORT = 65535;

  private final @Nullable CompiledRoute[] routes;
  private final NameTree<RoutesByMethod> anyHost;
  private final NameTree<NameTree<RoutesByMethod>> hosts;
  private final ExactHostIndex namedHosts;
  private final int firstWithHost;
  private final ConditionalRoutes conditional;
  private final Map<String, RouteTable> ofListeners;
  private final List<RouteLane> lanes;
  private final RequestFields fields;

  /**
   * Creates a table; a rank is twice a route's index, plus one if the route is compiled.
   *
   * @param routes in the Gateway's order; null where a route is not compiled
   * @param anyHost paths of routes that do not require a host
   * @param hosts paths of all other routes, by host
   * @param namedHosts the same, for hosts that are named in full
   * @param firstWithHost the smallest rank of the routes that require a host
   * @param conditional the compiled routes with a condition, which are nowhere else
   * @param ofListeners the tables of the listeners that routes name; this one has the routes for
   *     all others
   * @param fields names of request fields in all routes
   */
  RouteTable(
      @Nullable CompiledRoute[] routes,
      NameTree<RoutesByMethod> anyHost,
      NameTree<NameTree<RoutesByMethod>> hosts,
      ExactHostIndex namedHosts,
      int firstWithHost,
      ConditionalRoutes conditional,
      Map<String, RouteTable> ofListeners,
      List<RouteLane> lanes,
      RequestFields fields) {
    this.routes = routes;
    this.anyHost = anyHost;
    this.hosts = hosts;
    this.namedHosts = namedHosts;
    this.firstWithHost = firstWithHost;
    this.conditional = conditional;
    this.ofListeners = Map.copyOf(ofListeners);
    this.lanes = List.copyOf(lanes);
    this.fields = fields;
  }

  static RouteTable gatewayOnly(List<RouteLane> lanes, RequestFields fields) {
    return new RouteTable(
        new @Nullable CompiledRoute[0],
        new NameTree<>(),
        new NameTree<>(),
        ExactHostIndex.NONE,
        NameTree.NONE,
        ConditionalRoutes.NONE,
        Map.of(),
        lanes,
        fields);
  }

  /** The names of request fields that routes of either lane change or decide by. */
  public RequestFields fields() {
    return fields;
  }

  /** The table for requests that came through that listener. */
  public RouteTable on(String listener) {
    return ofListeners.isEmpty() ? this : ofListeners.getOrDefault(listener, this);
  }

  /**
   * Finds the route that the Gateway would select too, if it is compiled.
   *
   * @param host the {@code Host} header as it came; null if there is none
   * @param path normalised, without a query
   * @return null if the request is the Gateway's, because no compiled route matches, or because one
   *     that is not compiled and might match comes first
   */
  public @Nullable CompiledRoute find(HttpMethod method, @Nullable String host, String path) {
    if (path.isEmpty() || path.charAt(0) != '/' || method.equals(HttpMethod.CONNECT)) {
      return null;
    }
    int rank = rank(Methods.index(method), host, path);
    return isCompiled(rank) ? routes[rank >> 1] : null;
  }

  /** Whether routes have conditions, so that {@link #find} needs the request. */
  public boolean hasConditions() {
    return !conditional.isEmpty();
  }

  /**
   * Finds the route as {@link #find(HttpMethod, String, String)} does, in a table whose routes have
   * conditions.
   *
   * @param facts the request on which conditions are evaluated, in the routes' order up to the
   *     first that holds
   */
  public @Nullable CompiledRoute find(
      HttpMethod method, @Nullable String host, String path, Facts facts) {
    if (path.isEmpty() || path.charAt(0) != '/' || method.equals(HttpMethod.CONNECT)) {
      return null;
    }
    int index = Methods.index(method);
    int rank = conditional.rank(index, host, path, rank(index, host, path), facts);
    return isCompiled(rank) ? routes[rank >> 1] : null;
  }

  /**
   * Finds the first route that may match: a search of all routes in the Gateway's order may begin
   * there.
   *
   * @param host the {@code Host} header as it came; null if there is none
   * @param path normalised, without a query
   * @return its index; the number of routes if none may match
   */
  public int firstThatMay(HttpMethod method, @Nullable String host, String path) {
    if (routes.length == 0 || path.isEmpty() || path.charAt(0) != '/') {
      return 0;
    }
    int index = Methods.index(method);
    int rank = conditional.first(index, host, path, rank(index, host, path));
    return Math.min(rank >> 1, routes.length);
  }

  /** The lane of each route, in the Gateway's order. */
  public List<RouteLane> lanes() {
    return lanes;
  }

  static boolean isCompiled(int rank) {
    return (rank & 1) != 0;
  }

  /** The rank of the first route that matches or, if it is not compiled, might match. */
  int rank(int method, @Nullable String host, String path) {
    int best = inPaths(anyHost, path, 0, method, NameTree.NONE);
    return host == null || firstWithHost >= best ? best : inHosts(host, path, method, best);
  }

  /** The smaller of {@code best} and the rank of the first route that requires this host. */
  private int inHosts(String host, String path, int method, int best) {
    int colon = host.indexOf(':');
    if (colon < 0 || isPort(host, colon + 1)) {
      int named = namedHosts.find(host, colon < 0 ? host.length() : colon);
      if (named != ExactHostIndex.NOTHING) {
        return inNamed(named, path, method, best);
      }
    }
    return inTree(host, path, method, best);
  }

  private int inNamed(int entry, String path, int method, int best) {
    int first = Math.min(best, namedHosts.rank(entry));
    List<NameTree<RoutesByMethod>> paths = namedHosts.paths(entry);
    if (paths != null) {
      for (int i = 0; i < paths.size(); i++) {
        first = inPaths(paths.get(i), path, 0, method, first);
      }
    }
    return first;
  }

  private int inTree(String host, String path, int method, int best) {
    int end = plainEnd(host);
    if (end < 0) {
      return maybe(firstWithHost, best);
    }
    NameTree<NameTree<RoutesByMethod>> place = hosts;
    int first = best;
    while (true) {
      first = inPaths(place.rest, path, method, Math.min(first, place.restRank));
      if (place.below >= first) {
        return first;
      }
      if (end < 0) {
        return inPaths(place.here, path, method, Math.min(first, place.hereRank));
      }
      int dot = host.lastIndexOf('.', end - 1);
      if (dot < 0) {
        first = inPaths(place.one, path, method, Math.min(first, place.oneRank));
      }
      NameTable<NameTree<NameTree<RoutesByMethod>>> names = place.names;
      if (names == null) {
        return first;
      }
      int name = names.find(host, dot + 1, end, NameTable.hash(host, dot + 1, end), true);
      if (name == NameTable.NOTHING) {
        return first;
      }
      first = dot < 0 ? Math.min(first, names.rank(name)) : first;
      NameTree<NameTree<RoutesByMethod>> next = names.value(name);
      if (next == null) {
        return first;
      }
      place = next;
      end = dot;
    }
  }

  private static int inPaths(
      @Nullable NameTree<RoutesByMethod> paths, String path, int method, int best) {
    return paths == null ? best : inPaths(paths, path, 0, method, best);
  }

  /**
   * The smaller of {@code best} and the rank of the first route that requires this path.
   *
   * @param from where the path continues below the start: at a slash or at its end
   */
  private static int inPaths(
      NameTree<RoutesByMethod> start, String path, int from, int method, int best) {
    NameTree<RoutesByMethod> place = start;
    int first = best;
    int at = from;
    while (true) {
      first = smaller(first, place.restRank, place.rest, method);
      if (place.below >= first) {
        return first;
      }
      if (at == path.length()) {
        return smaller(first, place.hereRank, place.here, method);
      }
      int hash = 0;
      int end = at + 1;
      for (; end < path.length() && path.charAt(end) != '/'; end++) {
        char c = path.charAt(end);
        if (c == '%' || c == ';') {
          // Spring decodes segments and drops parameters before it compares.
          return maybe(place.below, first);
        }
        hash = NameTable.step(hash, c);
      }
      if (end == path.length()) {
        first = smaller(first, place.oneRank, place.one, method);
      }
      if (place.some != null && end > at + 1) {
        first = inPaths(place.some, path, end, method, first);
      }
      NameTable<NameTree<RoutesByMethod>> names = place.names;
      int name = names == null ? NameTable.NOTHING : names.find(path, at + 1, end, hash, false);
      if (names == null || name == NameTable.NOTHING) {
        return first;
      }
      first = end == path.length() ? Math.min(first, names.rank(name)) : first;
      NameTree<RoutesByMethod> next = names.value(name);
      if (next == null) {
        return first;
      }
      place = next;
      at = end;
    }
  }

  private static int smaller(int best, int rank, @Nullable RoutesByMethod slot, int method) {
    int first = Math.min(best, rank);
    return slot == null ? first : Math.min(first, slot.first(method));
  }

  /**
   * The smaller of {@code best} and a rank that leaves the request to the Gateway: routes that
   * cannot be told apart here do not count as compiled.
   */
  private static int maybe(int rank, int best) {
    return Math.min(rank & ~1, best);
  }

  /**
   * The end of a host of plain labels, before its port; -1 if the host is not one, so that its
   * meaning is left to Spring.
   */
  static int plainEnd(String host) {
    int length = host.length();
    int i = 0;
    boolean inLabel = false;
    for (; i < length && host.charAt(i) != ':'; i++) {
      char c = host.charAt(i);
      if (c == '.' ? !inLabel : !NormalTarget.isInLabel(c)) {
        return -1;
      }
      inLabel = c != '.';
    }
    return inLabel && (i == length || isPort(host, i + 1)) ? i : -1;
  }

  private static boolean isPort(String host, int from) {
    int port = 0;
    for (int i = from; i < host.length(); i++) {
      char c = host.charAt(i);
      port = c < '0' || c > '9' || port > LARGEST_PORT ? LARGEST_PORT + 1 : 10 * port + c - '0';
    }
    return port <= LARGEST_PORT && from < host.length();
  }
}
