package dev.understudy.gatewayapi.translate;

import dev.understudy.config.PoolReader;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.translate.Attachment.Place;
import dev.understudy.gatewayapi.translate.Report.ParentReport;
import dev.understudy.gatewayapi.translate.RouteBackends.OrderedRoute;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes listeners, pools and routes of all objects. What an object was in its last good form is
 * kept: routes that cannot be carried out as they are written now, policies that are not valid, and
 * certificates that were read. So is the Service of a Gateway. For one thread at a time.
 */
public final class ClusterTranslator {
  private final GatewaySettings settings;
  private final PoolReader reader;
  private final SecretKeys secrets = new SecretKeys();
  private final ServiceChoice services;

  /** Routes that could be carried out, in their last such form. */
  private Map<ObjectId, Route> good = Map.of();

  private List<PolicyPool> policies = List.of();

  /** The routes of the last translation, by their ids. */
  private Map<String, RouteSpec> last = Map.of();

  /**
   * @param reader reads the pools of FailoverPolicies
   */
  public ClusterTranslator(GatewaySettings settings, PoolReader reader) {
    this.settings = settings;
    this.services = new ServiceChoice(settings);
    this.reader = reader;
  }

  /** Translates all objects that are known. */
  public Translation translate(ClusterObjects known) {
    Ingresses ingresses = new Ingresses(known, settings.controller());
    ClusterObjects objects = ingresses.all();
    ListenerPlan plan = ListenerPlan.of(objects, settings, secrets, services);
    Attached attached = new Attached(new LinkedHashMap<>());
    for (Route each : objects.routes()) {
      attached.all().put(ObjectId.of(each), plan.attach(each));
    }
    ServiceTls tls = new ServiceTls(objects);
    FailoverPolicies failover = new FailoverPolicies(objects, tls, attached, reader, policies);
    Routes routes = new Routes(new Backends(objects, tls), failover);
    attached.all().values().stream().filter(at -> !at.isEmpty()).forEach(routes::add);
    Map<ObjectId, Report> reports = new LinkedHashMap<>(plan.reports(routes.accepted));
    reports.putAll(routes.reports);
    reports.putAll(tls.reports(routes.inForce));
    reports.putAll(failover.reports());
    List<RouteSpec> ordered = kept(RouteOrder.of(plan.listeners(), routes.ordered));
    good = routes.good;
    policies = failover.pools();
    return new Translation(
        List.copyOf(routes.admission.pools()),
        ordered,
        plan.dataPlane(routes.inForce, route -> routes.relays.get(ObjectId.of(route))),
        ingresses.reports(reports),
        policies.stream().filter(each -> routes.admission.hasPool(each.pool().id())).toList());
  }

  /** The same routes; one that equals a route of before is that one, so that few are compared. */
  private List<RouteSpec> kept(List<RouteSpec> routes) {
    Map<String, RouteSpec> now = HashMap.newHashMap(routes.size());
    List<RouteSpec> all = new ArrayList<>(routes.size());
    for (RouteSpec each : routes) {
      RouteSpec before = last.get(each.id());
      RouteSpec same = before != null && before.equals(each) ? before : each;
      now.put(same.id(), same);
      all.add(same);
    }
    last = now;
    return all;
  }

  /** Each route at its parents that are ours. */
  private record Attached(Map<ObjectId, List<Attachment>> all) implements RoutePlacing {
    @Override
    public boolean isAttached(Route route) {
      return of(route).stream().anyMatch(each -> each.refusal() == null);
    }

    @Override
    public boolean endsTls(Route route) {
      return RouteRules.endsTls(route, places(of(route)));
    }

    private List<Attachment> of(Route route) {
      return all.getOrDefault(ObjectId.of(route), List.of());
    }

    static List<Place> places(List<Attachment> attachments) {
      return attachments.stream().flatMap(each -> each.places().stream()).toList();
    }
  }

  /** What all routes come to, one after the other. */
  private final class Routes {
    private final Backends backends;
    private final Policies policies;

    /** Attachments whose routes are as they are written now. */
    final List<Attachment> accepted = new ArrayList<>();

    /** Attachments whose routes are in force, in whichever form. */
    final List<Attachment> inForce = new ArrayList<>();

    final RouteAdmission admission = new RouteAdmission();
    final List<OrderedRoute> ordered = new ArrayList<>();

    /** The pools of routes that relay connections. */
    final Map<ObjectId, PoolId> relays = new HashMap<>();

    final Map<ObjectId, Report> reports = new LinkedHashMap<>();
    final Map<ObjectId, Route> good = new HashMap<>();

    Routes(Backends backends, Policies policies) {
      this.backends = backends;
      this.policies = policies;
    }

    /**
     * Adds a route.
     *
     * @param own the route at each of its parents that is ours; at least one
     */
    void add(List<Attachment> own) {
      Route route = own.getFirst().route();
      ObjectId id = ObjectId.of(route);
      RouteBackends made = translated(route, own);
      StatusCondition unsupported = made.unsupported();
      reports.put(
          id,
          new Report.OfRoute(
              own.stream()
                  .map(each -> new ParentReport(each.parent(), conditions(each, made)))
                  .toList()));
      List<Attachment> attached = own.stream().filter(each -> each.refusal() == null).toList();
      Route last = route;
      RouteBackends used = made;
      if (unsupported == null) {
        accepted.addAll(attached);
      } else {
        last = lastGood(route);
        if (last == null) {
          return;
        }
        used = translated(last, own);
      }
      good.put(id, last);
      inForce.addAll(attached);
      ordered.addAll(used.routes());
      if (used.tcp() != null) {
        relays.put(id, used.tcp());
      }
    }

    /** What a route comes to, as far as it is admitted. One at no listener needs no pool. */
    private RouteBackends translated(Route route, List<Attachment> own) {
      String namespace = route.meta().namespace();
      List<Place> places = Attached.places(own);
      RouteBackends made =
          RouteRules.of(route, places, backends, policies, admission.limit(namespace));
      return places.isEmpty() ? made : admission.admit(namespace, made);
    }

    /** The rules as they were last, on the route as it is; null if they never were good. */
    private @Nullable Route lastGood(Route route) {
      Route last = ClusterTranslator.this.good.get(ObjectId.of(route));
      return last == null || !last.meta().uid().equals(route.meta().uid())
          ? null
          : new Route(route.kind(), route.meta(), route.parents(), route.hostnames(), last.rules());
    }

    private List<StatusCondition> conditions(Attachment at, RouteBackends made) {
      StatusCondition refusal = at.refusal() == null ? made.unsupported() : at.refusal();
      return List.of(StatusCondition.yesUnless(refusal, StatusCondition.ACCEPTED), made.resolved());
    }
  }
}
