package dev.understudy.gatewayapi.translate;

import dev.understudy.deploy.Manifests;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.ListenerEntry.GroupKind;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ObjectReader;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.translate.Attachment.Place;
import dev.understudy.gatewayapi.translate.Report.ListenerReport;
import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.TlsUse;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Objects written as YAML, in namespace {@code shop} unless they say another one, and the plan of
 * their listeners. It has a GatewayClass {@code ours}, and a Service whose address is 192.0.2.1.
 */
final class PlannedCluster {
  static final GatewaySettings SETTINGS =
      settings(new ObjectKey("infra", "understudy"), Map.of(80, 10080, 443, 10443, 9000, 9000));

  private static final String COMMON =
      """
      { kind: GatewayClass, metadata: { name: ours }, spec: { controllerName: understudy.dev/gateway } }
      ---
      kind: Service
      metadata: { name: understudy, namespace: infra }
      spec: { clusterIP: 10.0.0.1 }
      status: { loadBalancer: { ingress: [{ ip: 192.0.2.1 }] } }
      """;

  private static final List<ObjectKind> ROUTES =
      List.of(
          ObjectKind.HTTP_ROUTE, ObjectKind.GRPC_ROUTE, ObjectKind.TLS_ROUTE, ObjectKind.TCP_ROUTE);

  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");

  private final ClusterObjects objects;
  final ListenerPlan plan;

  PlannedCluster(String... yaml) {
    this(SETTINGS, new SecretKeys(), yaml);
  }

  PlannedCluster(GatewaySettings settings, SecretKeys secrets, String... yaml) {
    this(settings, secrets, new ServiceChoice(settings), yaml);
  }

  PlannedCluster(
      GatewaySettings settings, SecretKeys secrets, ServiceChoice services, String... yaml) {
    List<ClusterObject> read = new ArrayList<>();
    Stream.concat(Stream.of(COMMON), Stream.of(yaml))
        .flatMap(text -> Manifests.parse(text).stream())
        .forEach(document -> read.add(read(document)));
    objects = ClusterObjects.of(read);
    plan = ListenerPlan.of(objects, settings, secrets, services);
  }

  /** With one Service. */
  static GatewaySettings settings(@Nullable ObjectKey service, Map<Integer, Integer> ports) {
    return new GatewaySettings(
        "understudy.dev/gateway", List.of(new PublishedService(service, null, ports)));
  }

  private static ClusterObject read(JsonNode document) {
    String name = document.path("kind").asString("");
    ObjectKind kind =
        Stream.of(ObjectKind.values())
            .filter(each -> each.kind().equals(name))
            .findFirst()
            .orElseThrow();
    if (!kind.isClusterScoped() && !document.path("metadata").has("namespace")) {
      ((ObjectNode) document.path("metadata")).put("namespace", "shop");
    }
    return ObjectReader.read(kind, document);
  }

  /** A Gateway of ours, with what its {@code spec} has beside its class; a name may have more. */
  static String gateway(String metadata, String spec) {
    return "---\n{ kind: Gateway, metadata: { name: %s }, spec: { gatewayClassName: ours, %s } }\n"
        .formatted(metadata, spec);
  }

  /** A Secret with an EC key, and with a certificate of those names; likewise. */
  static String secret(String metadata, String... names) {
    Issued issued = AUTHORITY.issue("CN=" + metadata.split(",")[0], "EC", names);
    return secret(metadata, issued.certificates(), issued.keyPem());
  }

  static String secret(String metadata, String certificates, String key) {
    return "---\n{ kind: Secret, metadata: { name: %s }, data: { tls.crt: %s, tls.key: %s } }\n"
        .formatted(metadata, encoded(certificates), encoded(key));
  }

  private static String encoded(String text) {
    return "\"" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "\"";
  }

  List<Attachment> attachments() {
    return ROUTES.stream()
        .flatMap(kind -> objects.all(kind, Route.class).stream())
        .flatMap(route -> plan.attach(route).stream())
        .toList();
  }

  private List<Attachment> accepted() {
    return attachments().stream().filter(each -> each.refusal() == null).toList();
  }

  /** The listeners of the data plane, whose pools have the names of their routes. */
  List<Listener> dataPlane() {
    return dataPlane(route -> new PoolId(route.key().name()));
  }

  List<Listener> dataPlane(Function<Route, PoolId> pools) {
    return plan.dataPlane(accepted(), pools);
  }

  Report report(ObjectKind kind, String name) {
    return report(kind, kind.isClusterScoped() ? "" : "shop", name);
  }

  private Report report(ObjectKind kind, String namespace, String name) {
    return plan.reports(accepted()).get(new ObjectId(kind, new ObjectKey(namespace, name)));
  }

  Report.OfGateway gateway(String name) {
    return (Report.OfGateway) report(ObjectKind.GATEWAY, name);
  }

  Report.OfListenerSet listenerSet(String namespace, String name) {
    return (Report.OfListenerSet) report(ObjectKind.LISTENER_SET, namespace, name);
  }

  /** One listener after the other: {@code a: ok; b: !Accepted(PortUnavailable) …}. */
  static String text(List<ListenerReport> listeners) {
    return listeners.stream()
        .map(each -> each.name() + ": " + conditions(each.conditions()))
        .collect(Collectors.joining("; "));
  }

  /**
   * Conditions as {@code Type}, {@code Type(Reason)} or {@code !Type(Reason)}, without the one that
   * there is no conflict; {@code ok} stands for the three that hold where all is well.
   */
  static String conditions(List<StatusCondition> conditions) {
    return conditions.stream()
        .map(PlannedCluster::text)
        .filter(each -> !each.equals("!Conflicted(NoConflicts)"))
        .collect(Collectors.joining(" "))
        .replaceFirst("^Accepted Programmed ResolvedRefs$", "ok");
  }

  private static String text(StatusCondition condition) {
    String reason =
        condition.reason().equals(condition.type()) ? "" : "(" + condition.reason() + ")";
    return (condition.holds() ? "" : "!") + condition.type() + reason;
  }

  static String kinds(ListenerReport listener) {
    return listener.kinds().stream().map(GroupKind::kind).collect(Collectors.joining(" "));
  }

  static String addresses(List<Address> addresses) {
    return addresses.stream()
        .map(each -> each.type() + " " + each.value())
        .collect(Collectors.joining(", "));
  }

  /** Places as {@code LISTENER HOSTNAME…}, or the reason why there is none. */
  static String text(Attachment attachment) {
    return attachment.refusal() == null
        ? attachment.places().stream().map(PlannedCluster::text).collect(Collectors.joining("; "))
        : "!" + attachment.refusal().reason();
  }

  private static String text(Place place) {
    return Stream.concat(Stream.of(place.listener().entry().name()), place.hostnames().stream())
        .collect(Collectors.joining(" "));
  }

  /** Listeners as {@code ID:PORT POOL NAME=POOL…}, with the keys of TLS that ends here. */
  static String listeners(List<Listener> listeners) {
    return listeners.stream().map(PlannedCluster::text).collect(Collectors.joining("; "));
  }

  private static String text(TlsUse use) {
    return use.kind() + (use.pool() == null ? "" : "(" + use.pool() + ")");
  }

  private static String text(Listener listener) {
    StringBuilder text = new StringBuilder(listener.id() + ":" + listener.port());
    if (listener.pool() != null) {
      text.append(" ").append(listener.pool());
    }
    listener.serverNames().forEach((name, pool) -> text.append(" ").append(name + "=" + pool));
    if (listener.uses() != null) {
      listener
          .uses()
          .names()
          .forEach((name, use) -> text.append(" ").append(name + "=" + text(use)));
      text.append(" *=").append(text(listener.uses().others()));
    }
    if (listener.tls() != null) {
      listener
          .tls()
          .keys()
          .forEach(
              key ->
                  text.append(" ")
                      .append(key.serverName())
                      .append("/")
                      .append(key.certificate().getSubjectX500Principal().getName().substring(3)));
    }
    return text.toString();
  }
}
