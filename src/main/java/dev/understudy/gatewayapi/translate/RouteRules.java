package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.Match;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.object.RouteFilter;
import dev.understudy.gatewayapi.object.Rule;
import dev.understudy.gatewayapi.object.Rule.BackendRef;
import dev.understudy.gatewayapi.translate.Attachment.Place;
import dev.understudy.gatewayapi.translate.Backends.Backend;
import dev.understudy.gatewayapi.translate.Backends.Found;
import dev.understudy.gatewayapi.translate.RouteBackends.OrderedRoute;
import dev.understudy.gatewayapi.translate.ServicePools.Shared;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.ServerTemplate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the rules of one route come to: pools, and at each of its places routes that lead there. */
final class RouteRules {
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(24);

  private final Route route;
  private final List<Place> places;
  private final Backends backends;
  private final Policies policies;
  private final RouteLimit limit;
  private final Map<PoolId, Pool> pools = new LinkedHashMap<>();
  private final List<OrderedRoute> routes = new ArrayList<>();
  private @Nullable StatusCondition unresolved;

  /**
   * Where requests of a rule go.
   *
   * @param pool null if they go nowhere
   * @param lost the share of requests that would go to an invalid backend
   * @param all the sum of the backends' shares
   */
  private record Target(@Nullable PoolId pool, int lost, int all) {}

  private RouteRules(
      Route route, List<Place> places, Backends backends, Policies policies, RouteLimit limit) {
    this.route = route;
    this.places = places;
    this.backends = backends;
    this.policies = policies;
    this.limit = limit;
  }

  /**
   * Translates a route.
   *
   * @param places where it is attached; those with the same listener and host count once
   */
  static RouteBackends of(
      Route route, List<Place> places, Backends backends, Policies policies, RouteLimit limit) {
    RouteRules rules = new RouteRules(route, places, backends, policies, limit);
    StatusCondition unsupported = null;
    PoolId tcp = null;
    int index = 0;
    try {
      if (route.kind().isOfRequests()) {
        for (; index < route.rules().size(); index++) {
          rules.addRequests(route.rules().get(index), index);
        }
      } else {
        tcp = rules.connections();
      }
    } catch (Refusal e) {
      unsupported = e.condition("rules[" + index + "]");
    }
    RouteBackends made =
        new RouteBackends(
            rules.pools,
            rules.routes,
            tcp,
            StatusCondition.yesUnless(rules.unresolved, StatusCondition.RESOLVED_REFS),
            null);
    return unsupported == null ? made : made.refused(unsupported);
  }

  private @Nullable PoolId connections() throws Refusal {
    if (route.rules().size() != 1) {
      throw Refusal.unsupported("expected one rule, found " + route.rules().size());
    }
    return target(route.rules().getFirst(), 0, endsTls(route, places)).pool();
  }

  /** Whether TLS to the backends of a route is ours, and not what clients have sent. */
  static boolean endsTls(Route route, List<Place> places) {
    return route.kind().isOfRequests()
        || (!places.isEmpty() && places.stream().allMatch(each -> each.listener().endsTls()));
  }

  private void addRequests(Rule rule, int index) throws Refusal {
    List<RouteFilter> filters = filters(rule);
    Target target = target(rule, index, true);
    boolean redirect = RuleFilters.redirect(filters);
    PoolId pool = redirect ? null : target.pool();
    String uri = pool == null ? RouteSpec.NOWHERE + "op" : RouteSpec.POOL + pool;
    for (int i = 0; i < rule.matches().size(); i++) {
      Match match = rule.matches().get(i);
      Set<List<@Nullable String>> known = new HashSet<>();
      for (Place place : places) {
        BoundListener at = place.listener();
        List<RoutePart> parts = parts(rule, filters, target, at, match);
        for (String host : hostnames(place)) {
          // A list, as it has room for null.
          if (!known.add(Arrays.asList(at.id(), at.hostname(), host))) {
            continue;
          }
          if (routes.size() >= limit.most()) {
            throw limit.exceeded();
          }
          routes.add(
              new OrderedRoute(
                  at,
                  new Precedence(Ingresses.orderingHost(route, host), match, route, index, i),
                  new RouteSpec(
                      GatewayNames.match(route, index, i, known.size()),
                      uri,
                      RouteOrder.ORDER,
                      MatchPredicates.of(at.id(), host, Ingresses.isOneLabel(route, host), match),
                      parts,
                      Map.of())));
        }
      }
    }
  }

  /** The hostnames of a place; null alone for all. */
  private static List<@Nullable String> hostnames(Place place) {
    List<@Nullable String> names = new ArrayList<>(place.hostnames());
    if (names.isEmpty()) {
      names.add(null);
    }
    return names;
  }

  private List<RoutePart> parts(
      Rule rule, List<RouteFilter> filters, Target target, BoundListener at, Match match)
      throws Refusal {
    List<RoutePart> parts = new ArrayList<>(RuleFilters.of(filters, at, match.path()));
    if (RuleFilters.redirect(filters)) {
      return parts;
    }
    // UNAVAILABLE for clients of gRPC is 503 in HTTP.
    int failure = route.kind() == ObjectKind.GRPC_ROUTE ? 503 : 500;
    if (target.pool() == null) {
      return List.of(deny(failure, null));
    }
    RoutePart timeout = timeout(rule);
    if (timeout != null) {
      parts.addFirst(timeout);
    }
    if (target.lost() > 0) {
      parts.addFirst(deny(failure, "random(" + target.all() + ", < " + target.lost() + ")"));
    }
    return parts;
  }

  /** A local error response. */
  static RoutePart deny(int status, @Nullable String when) {
    return new RoutePart("Deny", Map.of("status", Integer.toString(status)), when);
  }

  /** The filters of a rule, with those of its only backend. */
  private static List<RouteFilter> filters(Rule rule) throws Refusal {
    List<RouteFilter> all = new ArrayList<>(rule.filters());
    for (BackendRef each : rule.backends()) {
      if (!each.filters().isEmpty() && rule.backends().size() > 1) {
        throw Refusal.unsupported("filters of one backend among several are not supported");
      }
      if (RuleFilters.redirect(each.filters())) {
        throw Refusal.unsupported("a redirect as a filter of a backend is not supported");
      }
      all.addAll(each.filters());
    }
    return all;
  }

  private Target target(Rule rule, int index, boolean tls) throws Refusal {
    List<Shared> usable = new ArrayList<>();
    int all = 0;
    int lost = 0;
    for (BackendRef each : rule.backends()) {
      Found found = backends.find(route, each, tls);
      StatusCondition problem = found.problem();
      if (problem != null && unresolved == null) {
        unresolved =
            StatusCondition.no(
                problem.type(), problem.reason(), "rules[" + index + "]: " + problem.message());
      }
      int weight = Math.clamp(each.weight(), 0, ServerTemplate.MAX_SHARE);
      Backend backend = found.backend();
      all += weight;
      if (backend == null || !backend.usable()) {
        lost += weight;
      } else if (weight > 0) {
        usable.add(new Shared(backend, weight));
      }
    }
    PolicyPool policy = policies.of(route, rule);
    if (policy != null && policy.isFor(route)) {
      return new Target(keep(policy.pool()), 0, all);
    }
    return usable.isEmpty() || policies.isRefused(route, rule)
        ? new Target(null, lost, all)
        : new Target(keep(pool(index, usable)), lost, all);
  }

  private PoolId keep(Pool pool) {
    pools.put(pool.id(), pool);
    return pool.id();
  }

  private Pool pool(int index, List<Shared> usable) throws Refusal {
    PoolId id =
        usable.size() > 1
            ? GatewayNames.rule(route, index)
            : ServicePools.id(usable.getFirst().backend());
    return ServicePools.of(id, usable);
  }

  /** The rule's limits of time as a filter; null if it has none. */
  private static @Nullable RoutePart timeout(Rule rule) {
    Map<String, String> args = new LinkedHashMap<>();
    put("request", rule.requestTimeout(), args);
    put("attempt", rule.backendTimeout(), args);
    return args.isEmpty() ? null : new RoutePart("Timeout", args);
  }

  private static void put(String name, @Nullable Duration time, Map<String, String> to) {
    if (time != null) {
      Duration least = time.compareTo(LONGEST_TIMEOUT) < 0 ? time : LONGEST_TIMEOUT;
      to.put(name, least.toMillis() + "ms");
    }
  }
}
