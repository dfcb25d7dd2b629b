package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.GatewayClass;
import dev.understudy.gatewayapi.object.Ingress;
import dev.understudy.gatewayapi.object.Ingress.Path;
import dev.understudy.gatewayapi.object.IngressClass;
import dev.understudy.gatewayapi.object.ListenerEntry;
import dev.understudy.gatewayapi.object.Match;
import dev.understudy.gatewayapi.object.Meta;
import dev.understudy.gatewayapi.object.NamespaceScope;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ParentRef;
import dev.understudy.gatewayapi.object.Reference;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.object.Rule;
import dev.understudy.gatewayapi.object.Rule.BackendRef;
import dev.understudy.gatewayapi.object.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Ingresses as objects of the Gateway API, which are translated like all others. An Ingress becomes
 * a Gateway with a listener for each of its hosts, at port 80 and, with a certificate, 443, and a
 * route for each host. Their names are none that an object of the API can have.
 */
final class Ingresses {
  /** The IngressClass that needs no object. */
  private static final String CLASS = "understudy";

  private static final String MARK = "ingress:";

  /** The GatewayClass of what Ingresses become. */
  private static final ObjectKey OF_ALL = new ObjectKey("", MARK);

  /** The most listeners of the Ingresses of a namespace, and of all. */
  private static final int MOST_OF_NAMESPACE = 1_000;

  private static final int MOST = 4_000;

  private static final Set<String> REPORTED_TYPES =
      Set.of(StatusCondition.ACCEPTED, StatusCondition.RESOLVED_REFS);

  private static final StatusCondition PROGRAMMED = StatusCondition.yes(StatusCondition.PROGRAMMED);

  /** Later than any object: what has no host takes nothing from Gateways, whenever they came. */
  private static final Duration AFTER_ALL = Duration.ofDays(365_250);

  private final ClusterObjects objects;
  private final String controller;
  private final Map<ObjectId, List<ClusterObject>> parts = new LinkedHashMap<>();

  /** Those with more hosts than older ones have left. */
  private final Set<ObjectId> beyond = new LinkedHashSet<>();

  /** Makes the objects of all Ingresses that are ours. */
  Ingresses(ClusterObjects objects, String controller) {
    this.objects = objects;
    this.controller = controller;
    Map<String, Boolean> ours = new HashMap<>(Map.of(CLASS, false));
    for (IngressClass each : objects.all(ObjectKind.INGRESS_CLASS, IngressClass.class)) {
      if (each.controller().equals(controller)) {
        ours.put(each.key().name(), each.isDefault());
      } else {
        ours.remove(each.key().name());
      }
    }
    Map<String, Integer> hosts = new HashMap<>();
    int all = 0;
    for (Ingress each : objects.all(ObjectKind.INGRESS, Ingress.class)) {
      String own = each.ingressClass();
      if (own == null
          ? !each.hasClassAnnotation() && ours.containsValue(true)
          : ours.containsKey(own)) {
        int more = each.paths().size() + each.certificates().size();
        int ofNamespace = hosts.getOrDefault(each.meta().namespace(), 0) + more;
        if (ofNamespace > MOST_OF_NAMESPACE || all + more > MOST) {
          beyond.add(ObjectId.of(each));
        } else {
          hosts.put(each.meta().namespace(), ofNamespace);
          all += more;
          parts.put(ObjectId.of(each), parts(each));
        }
      }
    }
  }

  /** All objects with these. */
  ClusterObjects all() {
    if (parts.isEmpty()) {
      return objects;
    }
    List<ClusterObject> all = new ArrayList<>();
    Meta meta =
        new Meta(OF_ALL, "", "", 0, Instant.EPOCH, Map.of(), JsonMapper.shared().missingNode());
    all.add(new GatewayClass(meta, controller, false));
    parts.values().forEach(all::addAll);
    return objects.with(all);
  }

  /** Whether a Gateway may have that class: only what an Ingress becomes has that of Ingresses. */
  static boolean mayHave(Gateway gateway, GatewayClass its) {
    return !its.key().equals(OF_ALL) || isOne(gateway);
  }

  /** Whether a Gateway is what an Ingress becomes. */
  static boolean isOne(Gateway gateway) {
    return gateway.key().name().startsWith(MARK);
  }

  /**
   * What a route of an Ingress is made of.
   *
   * @param host empty for all
   */
  record Origin(String ingress, String host) {}

  /** What a route is made of; null if it is none of an Ingress. */
  static @Nullable Origin origin(Route route) {
    String name = route.key().name();
    if (!name.startsWith(MARK)) {
      return null;
    }
    int colon = name.indexOf(':', MARK.length());
    return new Origin(name.substring(MARK.length(), colon), name.substring(colon + 1));
  }

  /** The host that orders a route: in Ingresses the one that is written, whatever is in common. */
  static @Nullable String orderingHost(Route route, @Nullable String host) {
    if (origin(route) == null) {
      return host;
    }
    return route.hostnames().isEmpty() ? null : route.hostnames().getFirst();
  }

  /** Whether a wildcard of a route is one label, as in Ingresses. */
  static boolean isOneLabel(Route route, @Nullable String host) {
    return host != null && origin(route) != null && route.hostnames().contains(host);
  }

  private List<ClusterObject> parts(Ingress ingress) {
    List<ListenerEntry> own = new ArrayList<>();
    List<ListenerEntry> rest = new ArrayList<>();
    for (String host : ingress.paths().keySet()) {
      (host.isEmpty() ? rest : own).add(listener(host, 80, "HTTP", null));
    }
    ingress
        .certificates()
        .forEach(
            (host, secrets) ->
                (host.isEmpty() ? rest : own)
                    .add(listener(host, 443, "HTTPS", new ListenerEntry.Tls(false, secrets))));
    List<ClusterObject> all = new ArrayList<>();
    all.add(gateway(ingress, "", Duration.ZERO, own));
    all.add(gateway(ingress, ":", AFTER_ALL, rest));
    ingress
        .paths()
        .forEach(
            (host, paths) ->
                all.add(
                    new Route(
                        ObjectKind.HTTP_ROUTE,
                        meta(ingress, ":" + host, Duration.ZERO),
                        host.isEmpty()
                            ? parents(ingress, !own.isEmpty())
                            : parents(ingress, host, own),
                        host.isEmpty() ? List.of() : List.of(host),
                        paths.stream().map(this::rule).toList())));
    return all;
  }

  /** The rule of a path; its backend has no port if the Service has none of that name. */
  private Rule rule(Path path) {
    Reference to = path.backend();
    Service service = objects.get(ObjectKind.SERVICE, to.key(), Service.class);
    if (path.portName() != null && service != null) {
      Service.Port port = service.port(path.portName());
      to = to.withPort(port == null ? null : port.number());
    }
    Match match = new Match(path.match(), null, List.of(), List.of());
    BackendRef backend = new BackendRef(to, 1, List.of());
    return new Rule(null, List.of(match), List.of(), List.of(backend), null, null);
  }

  private static ListenerEntry listener(
      String host, int port, String protocol, ListenerEntry.@Nullable Tls tls) {
    return new ListenerEntry(
        name(host) + ":" + port,
        host.isEmpty() ? null : host,
        port,
        protocol,
        tls,
        NamespaceScope.SAME,
        null);
  }

  private static String name(String host) {
    return host.isEmpty() ? "*" : host;
  }

  private static Gateway gateway(
      Ingress of, String end, Duration later, List<ListenerEntry> listeners) {
    Meta meta = meta(of, end, later);
    NamespaceScope none = NamespaceScope.NONE;
    return new Gateway(meta, MARK, listeners, List.of(), none, false, false, false);
  }

  /** Of the route for all hosts: those that only certificates name are among its own ones. */
  private static List<ParentRef> parents(Ingress of, boolean own) {
    ParentRef rest = parent(of, ":", null);
    return own ? List.of(parent(of, "", null), rest) : List.of(rest);
  }

  /** Of the route of a host: its own listeners, and none below its wildcard. */
  private static List<ParentRef> parents(Ingress of, String host, List<ListenerEntry> own) {
    return own.stream()
        .filter(each -> host.equals(each.hostname()))
        .map(each -> parent(of, "", each.name()))
        .toList();
  }

  private static ParentRef parent(Ingress of, String end, @Nullable String section) {
    Reference gateway = Reference.to(ObjectKind.GATEWAY, meta(of, end, Duration.ZERO).key());
    return new ParentRef(gateway, section, null, false);
  }

  private static Meta meta(Ingress of, String end, Duration later) {
    Meta meta = of.meta();
    ObjectKey key = new ObjectKey(meta.namespace(), MARK + meta.key().name() + end);
    Instant created = meta.created().plus(later);
    return new Meta(key, meta.uid(), "", 0, created, Map.of(), meta.status());
  }

  /** Says of each Ingress, in the place of its parts, where it is reached and what is wrong. */
  Map<ObjectId, Report> reports(Map<ObjectId, Report> of) {
    Map<ObjectId, Report> reports = new LinkedHashMap<>(of);
    reports.remove(new ObjectId(ObjectKind.GATEWAY_CLASS, OF_ALL));
    StatusCondition full =
        StatusCondition.notAccepted(
            "TooManyHosts",
            "It needs more hosts than older Ingresses leave: at most %d in a namespace and %d in all."
                .formatted(MOST_OF_NAMESPACE, MOST));
    beyond.forEach(each -> reports.put(each, new Report.OfIngress(List.of(), List.of(full))));
    parts.forEach(
        (ingress, objects) -> {
          Set<Address> addresses = new LinkedHashSet<>();
          List<StatusCondition> wrong = new ArrayList<>();
          for (ClusterObject each : objects) {
            Report report = reports.remove(ObjectId.of(each));
            if (report instanceof Report.OfGateway gateway) {
              if (gateway.conditions().contains(PROGRAMMED)) {
                addresses.addAll(gateway.addresses());
              }
              gateway.listeners().forEach(one -> add(one.name(), one.conditions(), wrong));
            } else if (report instanceof Report.OfRoute ofRoute && each instanceof Route route) {
              String host = name(String.join("", route.hostnames()));
              ofRoute.parents().forEach(one -> add(host, one.conditions(), wrong));
            }
          }
          reports.put(ingress, new Report.OfIngress(List.copyOf(addresses), wrong));
        });
    return reports;
  }

  /** Adds the first condition that says what is wrong. */
  private static void add(
      String where, List<StatusCondition> conditions, List<StatusCondition> wrong) {
    for (StatusCondition each : conditions) {
      String message = where + ": " + each.message().replace("rules[", "paths[");
      StatusCondition problem = StatusCondition.no(each.type(), each.reason(), message);
      if (!each.holds() && REPORTED_TYPES.contains(each.type()) && !wrong.contains(problem)) {
        wrong.add(problem);
        return;
      }
    }
  }
}
