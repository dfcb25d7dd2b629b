package dev.understudy.gatewayapi.translate;

import dev.understudy.deploy.Manifests;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.ListenerEntry;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ObjectReader;
import dev.understudy.gatewayapi.object.ParentRef;
import dev.understudy.gatewayapi.object.Reference;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.translate.Attachment.Place;
import dev.understudy.gatewayapi.translate.RouteBackends.OrderedRoute;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Objects written as YAML, in namespace {@code shop} unless they say another one. Every route is
 * attached to every listener whose host it shares.
 */
public final class TestCluster {
  private static final String NAMESPACE = "shop";
  private static final List<ObjectKind> ROUTES =
      List.of(
          ObjectKind.HTTP_ROUTE, ObjectKind.GRPC_ROUTE, ObjectKind.TLS_ROUTE, ObjectKind.TCP_ROUTE);

  final ClusterObjects objects;
  final List<BoundListener> listeners = new ArrayList<>();
  final ServiceTls tls;

  /** By the names of the routes. */
  final Map<String, RouteBackends> routes = new LinkedHashMap<>();

  final List<Attachment> attachments = new ArrayList<>();

  public TestCluster(String... yaml) {
    this(Policies.NONE, yaml);
  }

  TestCluster(Policies policies, String... yaml) {
    List<ClusterObject> read = new ArrayList<>();
    for (String each : yaml) {
      Manifests.parse(each).forEach(document -> read.add(read(document)));
    }
    objects = ClusterObjects.of(read);
    for (Gateway each : objects.all(ObjectKind.GATEWAY, Gateway.class)) {
      for (ListenerEntry entry : each.listeners()) {
        listeners.add(new BoundListener(each, each, entry, "gw." + entry.port()));
      }
    }
    tls = new ServiceTls(objects);
    Backends backends = new Backends(objects, tls);
    for (ObjectKind kind : ROUTES) {
      for (Route route : objects.all(kind, Route.class)) {
        Attachment attachment = attach(route);
        attachments.add(attachment);
        routes.put(
            route.key().name(),
            RouteRules.of(
                route,
                attachment.places(),
                backends,
                policies,
                new RouteAdmission().limit("shop")));
      }
    }
  }

  private static ClusterObject read(JsonNode document) {
    if (!document.path("metadata").has("namespace")) {
      ((ObjectNode) document.path("metadata")).put("namespace", NAMESPACE);
    }
    String kind = document.path("kind").asString("");
    return ObjectReader.read(
        Stream.of(ObjectKind.values())
            .filter(each -> each.kind().equals(kind))
            .findFirst()
            .orElseThrow(),
        document);
  }

  private Attachment attach(Route route) {
    List<Place> places = new ArrayList<>();
    for (BoundListener each : listeners) {
      List<String> shared = shared(each.hostname(), route.hostnames());
      if (shared != null) {
        places.add(new Place(each, shared));
      }
    }
    Reference gateway =
        new Reference(
            ObjectKind.GATEWAY.group(), ObjectKind.GATEWAY.kind(), NAMESPACE, "gateway", null);
    return new Attachment(
        route, new ParentRef(gateway, null, null, false), null, List.of(), places);
  }

  /** The hosts of both; null if there are none. */
  private static List<String> shared(String listener, List<String> route) {
    if (listener == null) {
      return route;
    }
    if (route.isEmpty()) {
      return List.of(listener);
    }
    List<String> all =
        route.stream()
            .map(each -> covers(listener, each) ? each : covers(each, listener) ? listener : "")
            .filter(each -> !each.isEmpty())
            .toList();
    return all.isEmpty() ? null : all;
  }

  private static boolean covers(String wide, String narrow) {
    return wide.equals(narrow) || (wide.startsWith("*") && narrow.endsWith(wide.substring(1)));
  }

  /** The routes of the data plane, in order. */
  public List<RouteSpec> inOrder() {
    List<OrderedRoute> all = routes.values().stream().flatMap(r -> r.routes().stream()).toList();
    return RouteOrder.of(listeners, all);
  }

  Pool pool(String id) {
    return routes.values().stream()
        .map(each -> each.pools().get(new PoolId(id)))
        .filter(each -> each != null)
        .findFirst()
        .orElseThrow();
  }

  /** A condition as {@code Accepted False Reason: message}. */
  static String text(StatusCondition condition) {
    String status = condition.holds() ? " True " : " False ";
    String end = condition.message().isEmpty() ? "" : ": " + condition.message();
    return condition.type() + status + condition.reason() + end;
  }

  /** What the status of a policy is to say at its first Gateway. */
  String policy(String name) {
    Report report =
        tls.reports(attachments)
            .get(new ObjectId(ObjectKind.BACKEND_TLS_POLICY, new ObjectKey(NAMESPACE, name)));
    return report instanceof Report.OfBackendTls of && !of.ancestors().isEmpty()
        ? String.join(
            "; ", of.ancestors().getFirst().conditions().stream().map(TestCluster::text).toList())
        : "none";
  }
}
