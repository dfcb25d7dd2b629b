package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.PoolReader;
import dev.understudy.config.RouteChecker;
import dev.understudy.deploy.Manifests;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ObjectReader;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.object.Rule;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.PodNames;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.testing.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What FailoverPolicies come to, beside Services and routes of namespace shop. */
class FailoverPoliciesTest {
  private static final String CLUSTER =
      """
      kind: Service
      metadata: { name: sense-1, namespace: shop }
      spec: { ports: [{ name: http, port: 8079 }] }
      ---
      kind: Service
      metadata: { name: sense-2, namespace: shop }
      spec: { ports: [{ name: http, port: 8079 }, { name: db, port: 5432 }, { name: "99", port: 99 }] }
      ---
      kind: Service
      metadata: { name: only, namespace: shop }
      spec: { ports: [{ port: 80 }] }
      ---
      kind: Service
      metadata: { name: grpc, namespace: shop }
      spec: { ports: [{ name: grpc, port: 80, appProtocol: kubernetes.io/h2c }] }
      ---
      kind: Service
      metadata: { name: away, namespace: shop }
      spec: { type: ExternalName, ports: [{ name: http, port: 80 }] }
      ---
      kind: Service
      metadata: { name: a-service-with-a-name-of-many-letters-indeed, namespace: shop }
      spec: { ports: [{ name: http, port: 80 }] }
      ---
      kind: Service
      metadata: { name: open, namespace: data }
      spec: { ports: [{ name: http, port: 80 }] }
      ---
      kind: Service
      metadata: { name: closed, namespace: data }
      spec: { ports: [{ name: http, port: 80 }] }
      ---
      kind: ReferenceGrant
      metadata: { name: grant, namespace: data }
      spec:
        from: [{ group: understudy.dev, kind: FailoverPolicy, namespace: shop }]
        to: [{ group: "", kind: Service, name: open }]
      ---
      kind: HTTPRoute
      metadata: { name: web, namespace: shop }
      spec:
        rules:
          - { name: one, backendRefs: [{ name: sense-1, port: 8079 }] }
          - { name: two, backendRefs: [{ name: sense-2, port: 8079 }] }
          - { name: both, backendRefs: [{ name: sense-1, port: 8079 }, { name: sense-2, port: 8079 }] }
      ---
      kind: GRPCRoute
      metadata: { name: calls, namespace: shop }
      spec: { rules: [{ name: all, backendRefs: [{ name: grpc, port: 80 }] }] }
      ---
      kind: TCPRoute
      metadata: { name: db, namespace: shop }
      spec: { rules: [{ name: all, backendRefs: [{ name: sense-2, port: 5432 }] }] }
      ---
      kind: Service
      metadata: { name: db, namespace: shop }
      spec: { ports: [{ name: db, port: 5432 }] }
      ---
      kind: TCPRoute
      metadata: { name: base, namespace: shop }
      spec: { rules: [{ name: all, backendRefs: [{ name: db, port: 5432 }] }] }
      ---
      kind: HTTPRoute
      metadata: { name: stranger, namespace: other }
      spec: { rules: [{ backendRefs: [{ name: db, namespace: shop, port: 5432 }] }] }
      ---
      kind: HTTPRoute
      metadata: { name: bucket, namespace: shop }
      spec: { rules: [{ backendRefs: [{ group: s3, kind: Bucket, name: db, port: 5432 }] }] }
      ---
      kind: HTTPRoute
      metadata: { name: elsewhere, namespace: shop }
      spec: { rules: [{ name: all, backendRefs: [{ name: db, port: 5432 }] }] }
      ---
      kind: HTTPRoute
      metadata: { name: web, namespace: other }
      spec: { rules: [{ name: one, backendRefs: [{ name: sense-1, namespace: shop, port: 8079 }] }] }
      ---
      kind: HTTPRoute
      metadata: { name: web, namespace: granted }
      spec: { rules: [{ name: one, backendRefs: [{ name: sense-1, namespace: shop, port: 8079 }] }] }
      ---
      kind: ReferenceGrant
      metadata: { name: grant, namespace: shop }
      spec:
        from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: granted }]
        to: [{ group: "", kind: Service }]
      """;

  private static final String PAIR =
      "[{ backendRef: { name: sense-1, port: 8079 }, role: master },"
          + " { backendRef: { name: sense-2, port: 8079 }, role: backup }]";

  private static final String WEB = "HTTPRoute web";

  private static final PoolReader READER = new PoolReader(RouteChecker.NONE);

  /** All routes are attached but one, and TLS of all TLSRoutes ends here but of one. */
  private static final RoutePlacing PLACING =
      new RoutePlacing() {
        @Override
        public boolean isAttached(Route route) {
          return !route.key().name().equals("elsewhere");
        }

        @Override
        public boolean endsTls(Route route) {
          return route.kind() != ObjectKind.TCP_ROUTE && !route.key().name().equals("relay");
        }
      };

  private static final List<ObjectKind> ROUTES =
      List.of(ObjectKind.HTTP_ROUTE, ObjectKind.GRPC_ROUTE, ObjectKind.TCP_ROUTE);

  private static ClusterObject read(JsonNode object) {
    ObjectKind kind =
        Arrays.stream(ObjectKind.values())
            .filter(each -> each.kind().equals(object.path("kind").asString()))
            .findFirst()
            .orElseThrow();
    return ObjectReader.read(kind, object);
  }

  /** The objects of the cluster and these. */
  private static ClusterObjects cluster(List<JsonNode> more) {
    List<ClusterObject> all = new ArrayList<>();
    Manifests.parse(CLUSTER).forEach(each -> all.add(read(each)));
    more.forEach(each -> all.add(read(each)));
    return ClusterObjects.of(all);
  }

  /** A policy that was created in the given minute. */
  private static JsonNode policy(String name, int minute, String targets, String spec) {
    String refs =
        Arrays.stream(targets.split(", "))
            .map(FailoverPoliciesTest::target)
            .collect(Collectors.joining(", "));
    return Manifests.parse(
            """
            kind: FailoverPolicy
            metadata: { name: %s, namespace: shop, creationTimestamp: "2026-01-01T00:%02d:00Z" }
            spec: { targetRefs: [%s], %s }
            """
                .formatted(name, minute, refs, spec))
        .get(0);
  }

  /** {@code HTTPRoute web/one}. */
  private static String target(String text) {
    String[] words = text.split("[ /]");
    return "{ group: \"%s\", kind: %s, name: %s%s }"
        .formatted(
            words[0].endsWith("Route") ? "gateway.networking.k8s.io" : "",
            words[0],
            words[1],
            words.length > 2 ? ", sectionName: " + words[2] : "");
  }

  private static FailoverPolicies translated(
      ClusterObjects objects, Collection<PolicyPool> before) {
    return new FailoverPolicies(objects, new ServiceTls(objects), PLACING, READER, before);
  }

  private static FailoverPolicies policies(JsonNode... policies) {
    return translated(cluster(List.of(policies)), List.of());
  }

  private static FailoverPolicies policy(String targets, String spec) {
    return policies(policy("sense", 0, targets, spec));
  }

  private static String text(ServerTemplate template) {
    return "%s %s %s%s:%s %d%s"
        .formatted(
            template.id(),
            template.settings().rank().toString().toLowerCase(java.util.Locale.ROOT),
            template.address().protocol().toString().toLowerCase(java.util.Locale.ROOT) + "://",
            template.address().host(),
            template.port(),
            template.count(),
            template.pods().equals(PodNames.ALL) ? "" : " " + template.pods());
  }

  private static String servers(FailoverPolicies policies) {
    return policies.pools().stream()
        .flatMap(each -> each.pool().templates().stream())
        .map(FailoverPoliciesTest::text)
        .collect(Collectors.joining("; "));
  }

  private static Report.OfFailover report(FailoverPolicies policies, String name) {
    ObjectId id = new ObjectId(ObjectKind.FAILOVER_POLICY, new ObjectKey("shop", name));
    return (Report.OfFailover) policies.reports().get(id);
  }

  /** {@code Accepted} and {@code ResolvedRefs}; of what does not hold, reason and message. */
  private static String conditions(FailoverPolicies policies, String name) {
    return report(policies, name).conditions().stream()
        .map(
            each ->
                each.holds()
                    ? each.type() + (each.message().isEmpty() ? "" : " (" + each.message() + ")")
                    : each.reason() + ": " + each.message())
        .collect(Collectors.joining(" + "));
  }

  /** What each rule that has a pool, or is refused, leads to. */
  private static String rules(FailoverPolicies policies, ClusterObjects objects) {
    List<String> found = new ArrayList<>();
    for (ObjectKind kind : ROUTES) {
      for (Route route :
          objects.all(kind, Route.class).stream().filter(PLACING::isAttached).toList()) {
        for (Rule rule : route.rules()) {
          PolicyPool pool = policies.of(route, rule);
          String place =
              (route.meta().namespace().equals("shop") ? "" : route.meta().namespace() + ":")
                  + route.key().name()
                  + "/"
                  + rule.name();
          if (pool != null) {
            found.add(place + " " + pool.policy().key().name());
          } else if (policies.isRefused(route, rule)) {
            found.add(place + " refused");
          }
        }
      }
    }
    return String.join(", ", found);
  }

  @Test
  void a_policy_is_a_pool_of_the_dynamic_file() {
    FailoverPolicies policies =
        policy(
            WEB,
            "servers: "
                + PAIR
                + ", health: { path: /status, expect: { body: version } },"
                + " failback: { policy: delayed, after: 30s }, hold: { time: 10s }");

    assertThat(conditions(policies, "sense")).isEqualTo("Accepted + ResolvedRefs");
    PolicyPool found = policies.pools().getFirst();
    assertThat(found.pool().id()).hasToString("gw.shop.sense");
    assertThat(report(policies, "sense").pool()).isEqualTo(found.pool().id());
    assertThat(found.pool().mode()).isEqualTo(PoolMode.FAILOVER);
    assertThat(found.pool().failback().policy()).isEqualTo(FailbackSettings.Policy.DELAYED);
    assertThat(found.pool().settings().hold().time()).hasSeconds(10);
    assertThat(found.names().values()).containsExactlyInAnyOrder("sense-1", "sense-2");
  }

  /** Target and servers of a policy, and the servers of its pool. */
  @Rows(
      """
      # each backend is the endpoints of its Service at the port's name
      HTTPRoute web | { backendRef: { name: sense-1, port: 8079 } }, { backendRef: { name: sense-2, port: 5432 }, role: backup, weight: 7 } | sense-1 master http://sense-1.shop:http 50; sense-2 backup http://sense-2.shop:db 50
      # the only port of a Service may have no name
      HTTPRoute web | { backendRef: { name: only, port: 80 } } | only master http://only.shop: 100
      # what is left is shared by those without a count
      HTTPRoute web | { backendRef: { name: only, port: 80 }, count: 10 }, { backendRef: { name: sense-1, port: 8079 } }, { backendRef: { name: sense-2, port: 8079 } } | only master http://only.shop: 10; sense-1 master http://sense-1.shop:http 45; sense-2 master http://sense-2.shop:http 45
      # routes that relay connections have servers of TCP
      TCPRoute db | { backendRef: { name: sense-2, port: 5432 } } | sense-2 master tcp://sense-2.shop:db 100
      # a Service of which only such routes have a rule as well
      Service only | { backendRef: { name: only, port: 80 } } | only master http://only.shop: 100
      # Pods by their names, and all others after them
      HTTPRoute web | { backendRef: { name: only, port: 80 }, pods: { "*": backup, only-1: master, only-0: master } } | only-0 master http://only.shop: 1 only-0; only-1 master http://only.shop: 1 only-1; only backup http://only.shop: 98 all but only-0, only-1
      # Pods that are not named do not count
      HTTPRoute web | { backendRef: { name: only, port: 80 }, pods: { only-0: master, only-1: backup } } | only-0 master http://only.shop: 1 only-0; only-1 backup http://only.shop: 1 only-1
      # long names end with a digest
      HTTPRoute web | { backendRef: { name: a-service-with-a-name-of-many-letters-indeed, port: 80 } } | a-service-wit-ed6e2bb6b2 master http://a-service-with-a-name-of-many-letters-indeed.shop:http 100
      # two backends of one name have two names
      HTTPRoute web | { backendRef: { name: sense-2, port: 8079 } }, { backendRef: { name: sense-2, port: 5432 }, role: backup } | sense-2 master http://sense-2.shop:http 50; sense-2-5d08c26b52 backup http://sense-2.shop:db 50
      # a Service of another namespace that permits it
      HTTPRoute web | { backendRef: { name: open, namespace: data, port: 80 } } | open master http://open.data:http 100
      # one that does not is left out
      HTTPRoute web | { backendRef: { name: open, namespace: data, port: 80 } }, { backendRef: { name: closed, namespace: data, port: 80 }, role: backup } | open master http://open.data:http 100
      # a Service that does not exist keeps its place
      HTTPRoute web | { backendRef: { name: gone, port: 80 } }, { backendRef: { name: only, port: 80 }, role: backup } | gone master http://gone.shop: 50; only backup http://only.shop: 50
      """)
  void servers_become_entries_of_the_pool(String target, String servers, String expected) {
    assertThat(servers(policy(target, "servers: [" + servers + "]"))).isEqualTo(expected);
  }

  private static final String SECURE =
      """
      { kind: Service, metadata: { name: s1, namespace: shop }, spec: { ports: [{ name: tls, port: 443 }] } }
      ---
      { kind: Service, metadata: { name: s2, namespace: shop }, spec: { ports: [{ name: tls, port: 443 }] } }
      ---
      { kind: Service, metadata: { name: bad, namespace: shop }, spec: { ports: [{ name: tls, port: 443 }] } }
      ---
      kind: TLSRoute
      metadata: { name: ends, namespace: shop }
      spec: { rules: [{ backendRefs: [{ name: s1, port: 443 }] }] }
      ---
      kind: TLSRoute
      metadata: { name: relay, namespace: shop }
      spec: { rules: [{ backendRefs: [{ name: s2, port: 443 }] }] }
      ---
      kind: BackendTLSPolicy
      metadata: { name: good, namespace: shop }
      spec:
        targetRefs: [{ group: "", kind: Service, name: s1 }, { group: "", kind: Service, name: s2 }]
        validation: { hostname: s.internal, wellKnownCACertificates: System }
      ---
      kind: BackendTLSPolicy
      metadata: { name: bad, namespace: shop }
      spec:
        targetRefs: [{ group: "", kind: Service, name: bad }]
        validation: { hostname: bad.internal }
      """;

  /**
   * Target, backends with a BackendTLSPolicy, URL and name of their certificates, and the status.
   */
  @Rows(
      """
      # TLS as the policies of all of them say
      HTTPRoute web | { name: s1, port: 443 }, { name: s2, port: 443 } | https://s1.shop s.internal | Accepted
      GRPCRoute calls | { name: s1, port: 443 } | https://s1.shop s.internal | Accepted
      Service s1 | { name: s1, port: 443 } | tls://s1.shop:443 s.internal | Accepted
      TLSRoute ends | { name: s1, port: 443 }, { name: s2, port: 443 } | tls://s1.shop:443 s.internal | Accepted
      # a Service that is not there says nothing
      HTTPRoute web | { name: s1, port: 443 }, { name: gone, port: 443 } | https://s1.shop s.internal | Accepted
      # TLS that is relayed is the client's
      TLSRoute relay | { name: s1, port: 443 } | tcp://s1.shop:80 null | Accepted
      TCPRoute db | { name: s1, port: 443 } | tcp://s1.shop:80 null | Accepted
      Service s2 | { name: s2, port: 443 } | tcp://s2.shop:80 null | Accepted
      TLSRoute ends, TLSRoute relay | { name: s1, port: 443 } | | Invalid: spec.targetRefs: expected TLSRoutes whose TLS ends here, as the Services have BackendTLSPolicies, or routes that all relay connections as they are
      # nothing goes out in the clear where one has a policy, nor by a broken one
      HTTPRoute web | { name: s1, port: 443 }, { name: sense-1, port: 8079 } | | Invalid: spec.servers: expected Services whose BackendTLSPolicies are valid and say the same, or that all have none
      HTTPRoute web | { name: s1, port: 443 }, { name: bad, port: 443 } | | Invalid: spec.servers: expected Services whose BackendTLSPolicies are valid and say the same, or that all have none
      HTTPRoute web | { name: bad, port: 443 } | | Invalid: spec.servers: expected Services whose BackendTLSPolicies are valid and say the same, or that all have none
      """)
  void servers_have_the_tls_of_their_services(
      String target, String backends, @Nullable String expected, String status) {
    String servers = backends.replaceAll("(\\{.*?})", "{ backendRef: $1 }");
    FailoverPolicies policies = secured(target, "servers: [" + servers + "]");
    assertThat(conditions(policies, "sense")).startsWith(status + " + ");
    assertThat(
            policies.pools().stream()
                .map(
                    each ->
                        first(each.pool()).address()
                            + " "
                            + each.pool().settings().tls().serverName())
                .findFirst()
                .orElse(null))
        .isEqualTo(expected);
  }

  private static ServerTemplate first(Pool pool) {
    return pool.templates().getFirst();
  }

  private static FailoverPolicies secured(String target, String spec) {
    List<JsonNode> more = new ArrayList<>(Manifests.parse(SECURE));
    more.add(policy("sense", 0, target, spec));
    return translated(cluster(more), List.of());
  }

  @Test
  void a_policy_has_no_tls_of_its_own_beside_that_of_its_services() {
    FailoverPolicies policies =
        secured(WEB, "servers: [{ backendRef: { name: s1, port: 443 } }], tls: { verify: false }");
    assertThat(conditions(policies, "sense"))
        .startsWith("Invalid: spec.tls: expected none, as the Services have BackendTLSPolicies + ");
    assertThat(policies.pools()).isEmpty();
  }

  /** A backend besides a good one, and what the policy's status says. */
  @Rows(
      """
      { name: gone, port: 80 } | Accepted + BackendNotFound: Service shop/gone does not exist
      { name: only, port: 81 } | Accepted + BackendNotFound: Service shop/only has no TCP port 81
      { name: closed, namespace: data, port: 80 } | Accepted + RefNotPermitted: Service data/closed: no ReferenceGrant there permits it
      { name: away, port: 80 } | Accepted + UnsupportedValue: Service shop/away is of type ExternalName, which has no Pods
      { name: sense-2, port: 99 } | Accepted + UnsupportedValue: Service shop/sense-2: expected a port whose name is no number, not 99
      { kind: Bucket, group: s3, name: a, port: 1 } | Accepted + InvalidKind: Bucket shop/a: expected a Service
      """)
  void a_backend_that_leads_nowhere_leaves_the_others(String backend, String expected) {
    FailoverPolicies policies =
        policy(
            WEB,
            "servers: [{ backendRef: { name: sense-1, port: 8079 } }, { backendRef: %s, role: backup }]"
                .formatted(backend));
    assertThat(conditions(policies, "sense")).isEqualTo(expected);
    assertThat(servers(policies)).startsWith("sense-1 master");
  }

  /** What is wrong, and what the status says; the rules then lead nowhere. */
  @Rows(
      """
      # servers
      servers: [] | spec.servers: expected at least one server
      servers: {} | spec.servers: expected at least one server
      mode: failover | spec.servers: expected at least one server
      servers: [5] | spec.servers[0].backendRef: expected a Service, by its name and port
      servers: [{ role: master }] | spec.servers[0].backendRef: expected a Service, by its name and port
      servers: [{ backendRef: { port: 80 } }] | spec.servers[0].backendRef.name: expected the name of a Service
      servers: [{ backendRef: { name: only } }] | spec.servers[0].backendRef.port: expected a number
      servers: [{ backendRef: { name: only, port: 80 }, url: "http://a" }] | spec.servers[0].url: expected none, as backendRef says where the server is
      servers: [{ backendRef: { name: only, port: 80 }, pods: {} }] | spec.servers[0].pods: expected the roles of Pods by their names, or *
      servers: [{ backendRef: { name: only, port: 80 }, pods: { a: boss } }] | spec.servers[0].pods.a: expected master or backup, found "boss"
      servers: [{ backendRef: { name: only, port: 80 }, role: master, pods: { a: master } }] | spec.servers[0].role: expected in pods, for each Pod
      servers: [{ backendRef: { name: only, port: 80 }, role: backup }] | spec.servers: expected at least one server with the role master, found backups only
      servers: [{ backendRef: { name: only, port: 80 }, weight: 999, zone: a }] | spec.servers[0].weight: expected a whole number of at least 0 and at most 256, found 999; spec.servers[0].zone: expected no zone, as a Pod has the zone of its node, found "a"
      servers: [{ backendRef: { name: only, port: 80 }, health-host: b }] | spec.servers[0].health-host: expected none here: each server is probed itself, found "b"
      servers: [{ backendRef: { name: only, port: 80 } }, { backendRef: { name: only, port: 80 }, role: backup }] | spec.servers[1].backendRef: expected each backend once
      # all other settings
      servers: PAIR, health: { fall: 0 }, holt: {} | spec.health.fall: expected a whole number of at least 1 and at most 100, found 0; spec.holt: unknown key, did you mean "hold"?
      servers: PAIR, hooks: { promote: { command: [reboot] } } | spec.hooks.promote.command: expected a url here, as programs are the proxy's, found a list
      servers: PAIR, health: { path: "/${HOME}" } | spec.health.path: expected no placeholder here; a backslash before ${ keeps it as text, found "/${HOME}"
      """)
  void a_bad_policy_says_what_is_wrong_and_where(String spec, String problems) {
    FailoverPolicies policies = policy(WEB, spec.replace("PAIR", PAIR));
    assertThat(conditions(policies, "sense")).startsWith("Invalid: " + problems + " + ");
    assertThat(report(policies, "sense").pool()).isNull();
    assertThat(rules(policies, cluster(List.of())))
        .isEqualTo("web/one refused, web/two refused, web/both refused");
  }

  /** Targets of one policy, the rules that have its pool, and what its status says. */
  @Rows(
      """
      # a route, and one rule of it
      HTTPRoute web | web/one sense, web/two sense, web/both sense | Accepted
      HTTPRoute web/both | web/both sense | Accepted
      HTTPRoute web/one, HTTPRoute web/two | web/one sense, web/two sense | Accepted
      GRPCRoute calls | calls/all sense | Accepted
      TCPRoute db | db/all sense | Accepted
      # a Service has the rules that lead to it alone, also from where they may
      Service sense-1 | granted:web/one sense, web/one sense | Accepted
      Service grpc | calls/all sense | Accepted
      # a port of a Service
      Service sense-2/http | web/two sense | Accepted
      Service sense-2/db | db/all sense | Accepted
      # a pool of HTTP is none for connections, nor its backends
      Service sense-2 | web/two sense, db/all refused | Accepted (Service shop/sense-2 has routes of HTTP and of TCP, and no pool is for both: those of the other protocol lead nowhere)
      # routes that may not refer to it, are no listener's, or name no Service do not say what it is
      Service db | base/all sense | Accepted
      # what does not exist
      HTTPRoute gone | | TargetNotFound: HTTPRoute shop/gone does not exist
      HTTPRoute web/three | | TargetNotFound: HTTPRoute shop/web has no rule named three
      Service sense-2/grpc | | TargetNotFound: Service shop/sense-2 has no TCP port named grpc
      HTTPRoute web/one, HTTPRoute gone | web/one sense | Accepted (HTTPRoute shop/gone does not exist)
      # what is no target
      Gateway web | | Invalid: spec.targetRefs[0].kind: expected HTTPRoute, GRPCRoute, TLSRoute, TCPRoute (group gateway.networking.k8s.io) or Service (group ""), found Gateway
      HTTPRoute web/one, TCPRoute db | web/one refused, db/all refused | Invalid: spec.targetRefs: expected HTTPRoutes and GRPCRoutes, or TLSRoutes and TCPRoutes, not both
      """)
  void a_policy_has_the_rules_of_its_targets(
      String targets, @Nullable String rules, String expected) {
    FailoverPolicies policies = policy(targets, "servers: " + PAIR);
    assertThat(rules(policies, cluster(List.of()))).isEqualTo(rules == null ? "" : rules);
    assertThat(conditions(policies, "sense")).isEqualTo(expected + " + ResolvedRefs");
  }

  /** Targets of an older and a younger policy, the rules, and the younger's status. */
  @Rows(
      """
      # the oldest has a target
      HTTPRoute web | HTTPRoute web | web/one older, web/two older, web/both older | Conflicted: FailoverPolicy shop/older has HTTPRoute shop/web already
      HTTPRoute web/one | HTTPRoute web/one | web/one older | Conflicted: FailoverPolicy shop/older has one of HTTPRoute shop/web already
      Service sense-1 | Service sense-1 | granted:web/one older, web/one older | Conflicted: FailoverPolicy shop/older has Service shop/sense-1 already
      # what is more specific goes before it, and is no conflict
      HTTPRoute web | HTTPRoute web/two | web/one older, web/two younger, web/both older | Accepted
      Service sense-1 | HTTPRoute web | granted:web/one older, web/one younger, web/two younger, web/both younger | Accepted
      Service sense-2 | Service sense-2/http | web/two younger, db/all refused | Accepted
      # the younger has what is left
      HTTPRoute web/one | HTTPRoute web/one, HTTPRoute web/two | web/one older, web/two younger | Accepted (FailoverPolicy shop/older has one of HTTPRoute shop/web already)
      """)
  void the_oldest_policy_has_a_target(String older, String younger, String rules, String expected) {
    FailoverPolicies policies =
        policies(
            policy("younger", 2, younger, "servers: " + PAIR),
            policy("older", 1, older, "servers: " + PAIR));
    assertThat(rules(policies, cluster(List.of()))).isEqualTo(rules);
    assertThat(conditions(policies, "younger")).isEqualTo(expected + " + ResolvedRefs");
    assertThat(conditions(policies, "older")).startsWith("Accepted").endsWith(" + ResolvedRefs");
  }

  @Test
  void a_broken_policy_takes_nothing_from_a_younger_one() {
    FailoverPolicies policies =
        policies(
            policy("younger", 2, "HTTPRoute web/one", "servers: " + PAIR),
            policy("older", 1, "HTTPRoute web/one", "servers: " + PAIR + ", mode: none"));
    assertThat(rules(policies, cluster(List.of()))).isEqualTo("web/one younger");
    assertThat(conditions(policies, "older")).startsWith("Invalid: spec.mode: ");
  }

  @Test
  void a_policy_that_becomes_invalid_stays_in_its_last_valid_form() {
    JsonNode good = policy("sense", 1, WEB, "servers: " + PAIR + ", hold: { time: 7s }");
    JsonNode bad = policy("sense", 1, WEB + "/one", "servers: [], hold: { time: 8s }");
    Collection<PolicyPool> before = policies(good).pools();
    for (int i = 0; i < 3; i++) {
      FailoverPolicies now = translated(cluster(List.of(bad)), List.copyOf(before));
      before = now.pools();
      assertThat(rules(now, cluster(List.of()))).isEqualTo("web/one sense");
      assertThat(now.pools().getFirst().pool().settings().hold().time()).hasSeconds(7);
      assertThat(conditions(now, "sense"))
          .isEqualTo(
              "Invalid: spec.servers: expected at least one server; its last valid form stays in"
                  + " force + ResolvedRefs");
      assertThat(report(now, "sense").pool()).hasToString("gw.shop.sense");
    }
  }

  @Test
  void a_policy_has_no_last_valid_form_of_another_one_of_its_name() {
    JsonNode good = policy("sense", 1, WEB, "servers: " + PAIR);
    JsonNode other = policy("sense", 1, WEB + "/one", "servers: []");
    ((ObjectNode) other.path("metadata")).put("uid", "2");
    FailoverPolicies now = translated(cluster(List.of(other)), policies(good).pools());
    assertThat(now.pools()).isEmpty();
    assertThat(rules(now, cluster(List.of()))).isEqualTo("web/one refused");
  }

  @Test
  void a_last_valid_form_reaches_no_service_whose_grant_is_gone() {
    String open = "{ backendRef: { name: open, namespace: data, port: 80 }, role: backup }";
    JsonNode good =
        policy(
            "sense",
            1,
            WEB,
            "servers: [{ backendRef: { name: sense-1, port: 8079 } }, " + open + "]");
    Collection<PolicyPool> before = policies(good).pools();
    assertThat(servers(policies(good))).contains("open.data");
    List<ClusterObject> objects = new ArrayList<>();
    Manifests.parse(CLUSTER).stream()
        .filter(each -> !each.path("kind").asString().equals("ReferenceGrant"))
        .forEach(each -> objects.add(read(each)));
    objects.add(read(policy("sense", 1, WEB, "mode: none")));

    FailoverPolicies now = translated(ClusterObjects.of(objects), before);

    assertThat(servers(now)).isEqualTo("sense-1 master http://sense-1.shop:http 100");
  }

  @Test
  void grpc_has_http2_unless_the_policy_says_otherwise() {
    assertThat(http2("GRPCRoute calls", "servers: " + PAIR)).isTrue();
    assertThat(http2("GRPCRoute calls", "http2: false, servers: " + PAIR)).isFalse();
    assertThat(http2(WEB, "servers: " + PAIR)).isFalse();
    assertThat(http2(WEB, "servers: [{ backendRef: { name: grpc, port: 80 } }]")).isTrue();
  }

  private static boolean http2(String target, String spec) {
    return policy(target, spec).pools().getFirst().pool().settings().http2();
  }

  @Test
  void many_problems_are_counted() {
    String keys =
        java.util.stream.IntStream.range(0, 30)
            .mapToObj(i -> "x" + i + ": 1")
            .collect(Collectors.joining(", "));
    assertThat(conditions(policy(WEB, "servers: " + PAIR + ", " + keys), "sense"))
        .contains("spec.x19: ", "; and 10 more")
        .doesNotContain("spec.x20: ");
  }

  /** In each place of a policy, what does not belong there. */
  @Test
  void no_value_of_a_policy_touches_another_one() {
    JsonNode good =
        policy(
            "sense",
            1,
            WEB,
            "servers: [{ backendRef: { name: only, port: 80 }, pods: { only-0: master, '*': backup"
                + " } }], health: { expect: [{ status: 200 }], headers: { X-A: b } }, hold: { time:"
                + " 1s }");
    JsonNode other = policy("db", 2, "TCPRoute db", "servers: " + PAIR);
    List<JsonNode> junk =
        Manifests.parse("[null, true, 7, -1, 1.5, '', ä, \"\\0\", '${X}', [], {}, [[]], {'': 0}]")
            .get(0)
            .valueStream()
            .toList();
    int tried = 0;
    for (String pointer : pointers("", good.path("spec"))) {
      for (JsonNode value : junk) {
        JsonNode broken = good.deepCopy();
        int last = pointer.lastIndexOf('/');
        JsonNode holder = broken.path("spec").at(pointer.substring(0, last));
        String key = pointer.substring(last + 1);
        if (holder instanceof ObjectNode object) {
          object.set(key, value);
        } else {
          ((ArrayNode) holder).set(Integer.parseInt(key), value);
        }
        List<JsonNode> all = new ArrayList<>(List.of(other));
        try {
          read(broken);
          all.add(broken);
        } catch (IllegalArgumentException e) {
          // Not a policy at all: the reader says so.
        }
        FailoverPolicies policies = translated(cluster(all), List.of());
        assertThat(conditions(policies, "db")).isEqualTo("Accepted + ResolvedRefs");
        assertThat(rules(policies, cluster(List.of()))).contains("db/all db");
        tried++;
      }
    }
    assertThat(tried).isGreaterThan(200);
  }

  private static List<String> pointers(String path, JsonNode node) {
    List<String> all = new ArrayList<>();
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> each : node.properties()) {
        all.add(path + "/" + each.getKey());
        all.addAll(pointers(path + "/" + each.getKey(), each.getValue()));
      }
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        all.add(path + "/" + i);
        all.addAll(pointers(path + "/" + i, node.get(i)));
      }
    }
    return all;
  }
}
