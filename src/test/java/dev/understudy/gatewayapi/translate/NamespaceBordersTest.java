package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.PoolReader;
import dev.understudy.config.RouteChecker;
import dev.understudy.deploy.Manifests;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ObjectReader;
import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.Pool;
import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.Extent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random objects of three namespaces that refer to each other, with random grants, one changed
 * after the other. What is in force never leads into a namespace that did not grant it.
 */
@Tag(Extent.FULL)
class NamespaceBordersTest {
  private static final int CLUSTERS = 200;
  private static final int CHANGES = 12;
  private static final List<String> NAMESPACES = List.of("a", "b", "c");

  private static final Map<String, String> SECRETS = new LinkedHashMap<>();

  static {
    NAMESPACES.forEach(
        each ->
            SECRETS.put(each, PlannedCluster.secret("key, namespace: " + each, each + ".example")));
  }

  private final long seed = Long.getLong("understudy.test.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private int entered;
  private int kept;

  /**
   * A grant as it was written.
   *
   * @param name of the target; empty for all
   */
  private record Grant(String kind, String from, String targetKind, String to, String name) {}

  /** The objects by where they stand, and the grants among them. */
  private final class Cluster {
    final Map<String, String> objects = new LinkedHashMap<>();
    final Map<String, Grant> grants = new LinkedHashMap<>();

    Cluster() {
      NAMESPACES.forEach(
          each -> {
            objects.put("s" + each, service(each));
            objects.put("k" + each, SECRETS.get(each));
            for (int i = 0; i < 5; i++) {
              change(each);
            }
          });
    }

    ClusterObjects read() {
      List<ClusterObject> all = new ArrayList<>();
      objects.values().stream()
          .flatMap(each -> Manifests.parse(each).stream())
          .forEach(
              document ->
                  all.add(
                      ObjectReader.read(
                          Stream.of(ObjectKind.values())
                              .filter(k -> k.kind().equals(document.path("kind").asString()))
                              .findFirst()
                              .orElseThrow(),
                          document)));
      return ClusterObjects.of(all);
    }

    /** Writes or removes an object of a namespace. */
    void change(String namespace) {
      int which = random.nextInt(8);
      String at = which + namespace;
      if (random.nextInt(6) == 0) {
        objects.remove(at);
        grants.remove(at);
        return;
      }
      switch (which) {
        case 0 -> objects.put(at, gateway(namespace));
        case 1, 2 -> objects.put(at, route(namespace, "r" + which));
        case 3 -> objects.put(at, policy(namespace));
        case 4 -> objects.put(at, tcp(namespace));
        default -> grant(at, namespace);
      }
    }

    private void grant(String at, String namespace) {
      String kind = any("HTTPRoute", "TCPRoute", "Gateway", "FailoverPolicy");
      String target = kind.equals("Gateway") ? "Secret" : any("Service", "Service", "Secret");
      String name = any("", target.equals("Secret") ? "key" : "s", "other");
      Grant grant = new Grant(kind, any(NAMESPACES), target, namespace, name);
      grants.put(at, grant);
      objects.put(
          at,
          """
          kind: ReferenceGrant
          metadata: { name: g%s, namespace: %s }
          spec:
            from: [ { group: %s, kind: %s, namespace: %s } ]
            to: [ { group: "", kind: %s%s } ]
          """
              .formatted(
                  at,
                  namespace,
                  kind.equals("FailoverPolicy") ? "understudy.dev" : "gateway.networking.k8s.io",
                  kind,
                  grant.from(),
                  target,
                  name.isEmpty() ? "" : ", name: " + name));
    }

    boolean permits(String kind, String from, String targetKind, String to, String name) {
      boolean permitted =
          from.equals(to)
              || grants.values().stream()
                  .anyMatch(
                      each ->
                          each.kind().equals(kind)
                              && each.from().equals(from)
                              && each.targetKind().equals(targetKind)
                              && each.to().equals(to)
                              && (each.name().isEmpty() || each.name().equals(name)));
      if (permitted && !from.equals(to)) {
        entered++;
      }
      return permitted;
    }
  }

  private String any(String... of) {
    return of[random.nextInt(of.length)];
  }

  private String any(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }

  private String metadata(String namespace, String name) {
    return "{ name: %s, namespace: %s, uid: %s-%s, creationTimestamp: \"2026-01-0%dT00:00:00Z\" }"
        .formatted(name, namespace, namespace, name, 1 + random.nextInt(3));
  }

  private static String service(String namespace) {
    return """
    kind: Service
    metadata: { name: s, namespace: %s }
    spec: { ports: [ { name: web, port: 80 } ] }
    """
        .formatted(namespace);
  }

  private String gateway(String namespace) {
    String from = any("Same", "All");
    return """
    kind: Gateway
    metadata: %1$s
    spec:
      gatewayClassName: ours
      listeners:
        - { name: http, port: 80, protocol: HTTP, hostname: %2$s, allowedRoutes: { namespaces: { from: %3$s } } }
        - name: https
          port: 443
          protocol: HTTPS
          hostname: %4$s.example
          allowedRoutes: { namespaces: { from: %3$s } }
          tls: { certificateRefs: [ { name: key, namespace: %5$s } ] }
        - { name: tcp, port: 9000, protocol: TCP, allowedRoutes: { namespaces: { from: %3$s } } }
    """
        .formatted(
            metadata(namespace, "g"),
            any("\"*.example\"", namespace + ".example", "a.example"),
            from,
            namespace,
            any(NAMESPACES));
  }

  private String backend() {
    return "{ name: s, namespace: %s, port: 80 }".formatted(any(NAMESPACES));
  }

  /** One, or two. */
  private String backends() {
    return random.nextBoolean() ? backend() : backend() + ", " + backend();
  }

  private String route(String namespace, String name) {
    return """
    kind: HTTPRoute
    metadata: %s
    spec:
      parentRefs: [ { name: g, namespace: %s } ]
      hostnames: [ %s ]
      rules:
        - { name: one, backendRefs: [ %s ], filters: [ %s ] }
        - { matches: [ { path: { value: /two } } ], backendRefs: [ %s ] }
    """
        .formatted(
            metadata(namespace, name),
            any(NAMESPACES),
            random.nextBoolean() ? "" : any(NAMESPACES) + ".example",
            backends(),
            // Refused: the last good form stays, for which the grants of now count.
            random.nextInt(4) == 0
                ? "{ type: RequestMirror, requestMirror: { backendRef: " + backend() + " } }"
                : "",
            backends());
  }

  private String tcp(String namespace) {
    return """
    kind: TCPRoute
    metadata: %s
    spec:
      parentRefs: [ { name: g, namespace: %s } ]
      rules: [ { backendRefs: [ %s ] } ]
    """
        .formatted(metadata(namespace, "t"), any(NAMESPACES), backends());
  }

  private String policy(String namespace) {
    String target =
        any(
            "{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: r1 }",
            "{ group: gateway.networking.k8s.io, kind: TCPRoute, name: t }",
            "{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: r2, sectionName: one }",
            "{ group: \"\", kind: Service, name: s }");
    return """
    kind: FailoverPolicy
    metadata: %s
    spec:
      targetRefs: [ %s ]
      servers: [ { backendRef: %s, role: master }, { backendRef: %s, role: backup } ]
      health: { path: /status, fall: %s }
    """
        .formatted(
            metadata(namespace, "p"),
            target,
            backend(),
            backend(),
            random.nextInt(4) == 0 ? "many" : "2");
  }

  @Test
  void nothing_in_force_leads_into_a_namespace_without_its_grant() {
    for (int i = 0; i < Extent.rounds(CLUSTERS); i++) {
      Cluster cluster = new Cluster();
      cluster.objects.put(
          "class",
          "{ kind: GatewayClass, metadata: { name: ours }, spec: { controllerName:"
              + " understudy.dev/gateway } }");
      ClusterTranslator translator =
          new ClusterTranslator(PlannedCluster.SETTINGS, new PoolReader(RouteChecker.NONE));
      for (int step = 0; step < CHANGES; step++) {
        try {
          check(cluster, translator.translate(cluster.read()));
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(
              "seed " + seed + ", " + i + ", " + step + ":\n" + cluster.objects, e);
        }
        cluster.change(any(NAMESPACES));
      }
    }
    assertThat(entered).as("a grant was used").isPositive();
    assertThat(kept).as("a server of the own namespace was used").isPositive();
  }

  private void check(Cluster cluster, Translation made) {
    Map<String, Pool> pools = new LinkedHashMap<>();
    made.pools().forEach(each -> pools.put(each.id().value(), each));
    Set<String> used = new HashSet<>();
    for (RouteSpec each : made.routes()) {
      String uri = each.uri().toString();
      if (uri.startsWith("pool://")) {
        String pool = uri.substring("pool://".length());
        used.add(pool);
        String[] id = each.id().split("\\.");
        assertThat(id[0]).isEqualTo("gw-http");
        check(cluster, "HTTPRoute", id[1], pools.get(pool));
      }
    }
    for (Listener each : made.listeners()) {
      if (each.pool() != null) {
        check(cluster, each, pools.get(each.pool().value()));
        used.add(each.pool().value());
      }
      ListenerTls tls = each.tls();
      if (tls != null) {
        tls.keys().forEach(key -> check(cluster, key));
      }
    }
    // Of several TCPRoutes at a port the oldest has it: the pools of the others are ready.
    assertThat(pools.keySet())
        .filteredOn(each -> each.startsWith("gw-http.") || each.startsWith("gw-svc."))
        .as("no server is checked for nobody")
        .isSubsetOf(used);
  }

  /** The route of a port is one of those that refer to that pool's servers. */
  private void check(Cluster cluster, Listener listener, Pool pool) {
    assertThat(listener.id()).isEqualTo("gw.9000");
    String[] id = pool.id().value().split("\\.");
    if (id[0].equals("gw-tcp") || id[0].equals("gw")) {
      check(cluster, "TCPRoute", id[1], pool);
      return;
    }
    assertThat(NAMESPACES)
        .anyMatch(
            each ->
                cluster.objects.containsKey("4" + each)
                    && cluster.permits("TCPRoute", each, "Service", id[1], "s"));
  }

  /** A route of that kind and namespace has that pool. */
  private void check(Cluster cluster, String kind, String namespace, Pool pool) {
    String[] id = pool.id().value().split("\\.");
    String owner = id[1];
    String refers = kind;
    if (id[0].equals("gw")) {
      // A policy of the route's own namespace, or of the Service's to which it refers.
      assertThat(cluster.permits(kind, namespace, "Service", owner, "s")).isTrue();
      refers = "FailoverPolicy";
    } else if (id[0].equals("gw-svc")) {
      owner = namespace;
    } else {
      assertThat(owner).isEqualTo(namespace);
    }
    for (String each : servers(pool)) {
      assertThat(cluster.permits(refers, owner, "Service", each, "s"))
          .as(refers + " of " + owner + " to " + each + " by " + pool.id())
          .isTrue();
      kept += each.equals(owner) ? 1 : 0;
    }
  }

  private static List<String> servers(Pool pool) {
    return pool.templates().stream()
        .map(each -> each.address().host())
        .map(host -> host.substring(host.indexOf('.') + 1))
        .toList();
  }

  private static void check(Cluster cluster, CertifiedKey key) {
    String listener = String.valueOf(key.serverName()).replace(".example", "");
    String secret = key.source().replaceAll(".*\\b([abc])/key.*", "$1");
    assertThat(NAMESPACES).contains(listener, secret);
    assertThat(cluster.permits("Gateway", listener, "Secret", secret, "key")).isTrue();
  }
}
