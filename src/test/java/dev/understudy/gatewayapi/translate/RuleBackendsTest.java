package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Pool;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What backends of rules come to: pools, conditions, and local responses where there are none. */
class RuleBackendsTest {
  private static final String OBJECTS =
      """
      kind: Gateway
      metadata: { name: gateway }
      spec:
        listeners:
          - { name: all, port: 80, protocol: HTTP }
          - { name: relay, port: 22, protocol: TCP }
          - { name: sni, port: 443, protocol: TLS, tls: { mode: Passthrough } }
      ---
      kind: Service
      metadata: { name: a }
      spec:
        ports:
          - { name: web, port: 80 }
          - { name: h2c, port: 81, appProtocol: kubernetes.io/h2c }
          - { name: ws, port: 82, appProtocol: kubernetes.io/ws }
          - { name: wss, port: 83, appProtocol: kubernetes.io/wss }
          - { name: "8080", port: 84 }
          - { name: dns, port: 53, protocol: UDP }
      ---
      kind: Service
      metadata: { name: b }
      spec: { ports: [ { port: 80 } ] }
      ---
      kind: Service
      metadata: { name: outside }
      spec: { type: ExternalName, ports: [ { port: 80 } ] }
      ---
      kind: Service
      metadata: { name: granted, namespace: other }
      spec: { ports: [ { port: 80 } ] }
      ---
      kind: Service
      metadata: { name: private, namespace: other }
      spec: { ports: [ { port: 80 } ] }
      ---
      kind: ReferenceGrant
      metadata: { name: grant, namespace: other }
      spec:
        from: [ { group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop } ]
        to: [ { kind: Service, name: granted } ]
      """;

  private static RouteBackends of(String kind, String rules) {
    return cluster(kind, rules).routes.get("app");
  }

  private static TestCluster cluster(String kind, String rules) {
    return new TestCluster(
        OBJECTS, "kind: " + kind + "\nmetadata: { name: app }\nspec: { rules: " + rules + " }\n");
  }

  /** A pool as {@code id mode http2: template address port share, …}. */
  private static String text(Pool pool) {
    return pool.id()
        + (pool.settings().http2() ? " http2" : "")
        + ": "
        + pool.templates().stream().map(RuleBackendsTest::text).collect(Collectors.joining(", "));
  }

  private static String text(ServerTemplate template) {
    String port = template.port().isEmpty() ? "" : " port " + template.port();
    String share = template.share() == 0 ? "" : " share " + template.share();
    return template.id() + " " + template.address() + port + share;
  }

  @Rows(
      """
      # HTTPRoute
      one backend has the pool of its Service           | HTTPRoute | { name: a, port: 80 } | gw-svc.shop.a.p80: a http://a.shop port web
      a port without a name has none                    | HTTPRoute | { name: b, port: 80 } | gw-svc.shop.b.p80: b http://b.shop
      a port of h2c has HTTP/2                          | HTTPRoute | { name: a, port: 81 } | gw-svc-h2.shop.a.p81 http2: a http://a.shop:81 port h2c
      a port of WebSockets is plain HTTP                | HTTPRoute | { name: a, port: 82 } | gw-svc.shop.a.p82: a http://a.shop:82 port ws
      a Service of another namespace is granted         | HTTPRoute | { name: granted, namespace: other, port: 80 } | gw-svc.other.granted.p80: granted http://granted.other
      several backends have a pool of the rule          | HTTPRoute | { name: a, port: 80, weight: 3 }, { name: b, port: 80 } | gw-http.shop.app.r0: a http://a.shop port web share 3, b http://b.shop share 1
      a weight of 0 is no backend                       | HTTPRoute | { name: a, port: 80, weight: 0 }, { name: b, port: 80 } | gw-svc.shop.b.p80: b http://b.shop
      two ports of a Service have two names             | HTTPRoute | { name: a, port: 80 }, { name: a, port: 82 } | gw-http.shop.app.r0: a http://a.shop port web share 1, a-9a7e41d0a5 http://a.shop:82 port ws share 1
      # GRPCRoute
      gRPC needs HTTP/2                                 | GRPCRoute | { name: a, port: 80 } | gw-svc-h2.shop.a.p80 http2: a http://a.shop port web
      # TCPRoute
      connections have a pool of their own              | TCPRoute  | { name: a, port: 80 } | gw-svc-tcp.shop.a.p80: a tcp://a.shop:80 port web
      several Services share connections                | TCPRoute  | { name: a, port: 80, weight: 3 }, { name: b, port: 80 } | gw-tcp.shop.app.r0: a tcp://a.shop:80 port web share 3, b tcp://b.shop:80 share 1
      # TLSRoute
      TLS is relayed as it is                           | TLSRoute  | { name: b, port: 80 } | gw-svc-tcp.shop.b.p80: b tcp://b.shop:80
      """)
  void pools_of_backends(String name, String kind, String backends, String expected) {
    RouteBackends route = of(kind, "[ { backendRefs: [ " + backends + " ] } ]");
    assertThat(route.pools().values()).extracting(RuleBackendsTest::text).containsExactly(expected);
    assertThat(TestCluster.text(route.resolved())).isEqualTo("ResolvedRefs True ResolvedRefs");
    assertThat(route.unsupported()).isNull();
    boolean requests = kind.equals("HTTPRoute") || kind.equals("GRPCRoute");
    assertThat(route.tcp()).isEqualTo(requests ? null : route.pools().keySet().iterator().next());
  }

  @Rows(
      """
      a Service that is not there           | { name: gone, port: 80 }                   | BackendNotFound: rules[0]: Service shop/gone is not there
      a port that is not there              | { name: a, port: 90 }                      | BackendNotFound: rules[0]: Service shop/a has no TCP port 90
      a port of UDP                         | { name: a, port: 53 }                      | BackendNotFound: rules[0]: Service shop/a has no TCP port 53
      no port                               | { name: a }                                | BackendNotFound: rules[0]: the reference to Service shop/a names no port of it
      a name of something outside           | { name: outside, port: 80 }                | BackendNotFound: rules[0]: Service shop/outside is of the type ExternalName
      another kind                          | { kind: Pod, name: a, port: 80 }           | InvalidKind: rules[0]: Pod shop/a is of a kind that is no backend; expected a Service
      another group                         | { group: x.test, kind: Service, name: a, port: 80 } | InvalidKind: rules[0]: Service shop/a is of a kind that is no backend; expected a Service
      another namespace without a grant     | { name: private, namespace: other, port: 80 } | RefNotPermitted: rules[0]: no ReferenceGrant permits the reference to Service other/private
      nor is told whether it is there       | { name: gone, namespace: other, port: 80 } | RefNotPermitted: rules[0]: no ReferenceGrant permits the reference to Service other/gone
      a port whose name is a number         | { name: a, port: 84 }                      | UnsupportedValue: rules[0]: Service shop/a: expected a port whose name is no number, not 8080
      TLS that no policy describes          | { name: a, port: 83 }                      | UnsupportedProtocol: rules[0]: port 83 of Service shop/a speaks TLS, for which it has no BackendTLSPolicy
      """)
  void a_backend_that_is_none(String name, String backend, String expected) {
    String rules = "[ { backendRefs: [ " + backend + " ] } ]";
    TestCluster cluster = cluster("HTTPRoute", rules);
    RouteBackends route = cluster.routes.get("app");
    assertThat(TestCluster.text(route.resolved())).isEqualTo("ResolvedRefs False " + expected);
    assertThat(route.unsupported()).isNull();
    assertThat(route.pools()).isEmpty();
    try (ClusterRig rig = new ClusterRig(cluster)) {
      rig.expect(80, "GET a /", "500");
    }
    try (ClusterRig rig = new ClusterRig(cluster("GRPCRoute", rules))) {
      rig.expect(80, "POST a /a.B/C", "503");
    }
  }

  @Test
  void a_valid_rule_serves_beside_an_invalid_one() {
    TestCluster cluster =
        cluster(
            "HTTPRoute",
            """
            [ { matches: [ { path: { value: /v2 } } ], backendRefs: [ { name: gone, port: 80 } ] },
              { backendRefs: [ { name: a, port: 80 } ] } ]
            """);
    assertThat(cluster.routes.get("app").resolved().holds()).isFalse();
    try (ClusterRig rig = new ClusterRig(cluster)) {
      rig.expect(80, "GET a /v2", "500");
      rig.expect(80, "GET a /", "200; pool gw-svc.shop.a.p80");
    }
  }

  @Test
  void the_share_of_an_invalid_backend_gets_500() {
    TestCluster cluster =
        cluster(
            "HTTPRoute",
            "[ { backendRefs: [ { name: gone, port: 80 }, { name: a, port: 80, weight: 1 } ] } ]");
    try (ClusterRig rig = new ClusterRig(cluster)) {
      int served = 0;
      // 100 of 200 are expected; that many or few are missed once in 10^12 runs.
      for (int i = 0; i < 200; i++) {
        served += rig.send(80, "GET a /").startsWith("HTTP/1.1 200") ? 1 : 0;
      }
      assertThat(served).isBetween(50, 150);
    }
  }

  @Rows(
      """
      a rule without backends                   | { name: empty }                                            | 500
      weights of 0 alone                        | { backendRefs: [ { name: a, port: 80, weight: 0 } ] }      | 500
      a redirect needs no backend               | { filters: [ { type: RequestRedirect, requestRedirect: { hostname: b } } ] } | 302
      """)
  void a_rule_without_a_backend(String name, String rule, String expected) {
    try (ClusterRig rig = new ClusterRig(cluster("HTTPRoute", "[ " + rule + " ]"))) {
      rig.expect(80, "GET a /", expected);
    }
  }

  @Rows(
      """
      a mirror                        | { filters: [ { type: RequestMirror } ] } | UnsupportedValue: rules[0]: filter RequestMirror is not supported
      an extension                    | { filters: [ { type: ExtensionRef } ] }  | UnsupportedValue: rules[0]: filter ExtensionRef is not supported
      a redirect and a rewriting      | { filters: [ { type: RequestRedirect, requestRedirect: {} }, { type: URLRewrite, urlRewrite: {} } ] } | IncompatibleFilters: rules[0]: RequestRedirect and URLRewrite cannot stand in one rule
      a method that nobody forwards   | { matches: [ { method: CONNECT } ] }     | UnsupportedValue: rules[0]: method CONNECT is not forwarded
      a broken expression             | { matches: [ { path: { type: RegularExpression, value: "(" } } ] } | UnsupportedValue: rules[0]: path-matches at column 1: expected a regular expression of RE2, without look-around and back-references: missing closing ) in '^(?:()$'
      a status that is no redirect    | { filters: [ { type: RequestRedirect, requestRedirect: { statusCode: 200 } } ] } | UnsupportedValue: rules[0]: status 200 of a redirect is not supported
      a scheme that is no redirect    | { filters: [ { type: RequestRedirect, requestRedirect: { scheme: ftp } } ] } | UnsupportedValue: rules[0]: scheme ftp of a redirect is not supported
      a field of the proxy itself     | { filters: [ { type: RequestHeaderModifier, requestHeaderModifier: { remove: [ Connection ] } } ] } | UnsupportedValue: rules[0]: header field Connection is managed by the proxy itself
      a value with a line break       | { filters: [ { type: RequestHeaderModifier, requestHeaderModifier: { set: [ { name: X, value: "a\\nb" } ] } } ] } | UnsupportedValue: rules[0]: expected visible ASCII characters in the value of header field X
      a prefix where none matched     | { matches: [ { path: { type: Exact, value: /a } } ], filters: [ { type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /b } } } ] } | UnsupportedValue: rules[0]: a prefix is replaced only where the path matches by its prefix
      a path that leads out           | { filters: [ { type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: /a/../b } } } ] } | UnsupportedValue: rules[0]: expected a path that begins with '/', without '//' and dot segments, found '/a/../b'
      a filter of one of two backends | { backendRefs: [ { name: a, port: 80, filters: [ { type: RequestHeaderModifier, requestHeaderModifier: {} } ] }, { name: b, port: 80 } ] } | UnsupportedValue: rules[0]: filters of one backend among several are not supported
      backends of two protocols       | { backendRefs: [ { name: a, port: 80 }, { name: a, port: 81 } ] } | UnsupportedValue: rules[0]: its backends speak different protocols or have different BackendTLSPolicies
      """)
  void a_route_that_is_not_accepted(String name, String rule, String expected) {
    RouteBackends route = of("HTTPRoute", "[ " + rule + " ]");
    assertThat(TestCluster.text(route.unsupported())).isEqualTo("Accepted False " + expected);
    assertThat(route.pools()).isEmpty();
    assertThat(route.routes()).isEmpty();
  }

  @Rows(
      """
      of a request     | { request: 500ms }                   | {request=500ms}
      of an attempt    | { backendRequest: 2s }               | {attempt=2000ms}
      both             | { request: 3s, backendRequest: 1m }  | {request=3000ms, attempt=60000ms}
      a very long one  | { request: 9999h }                   | {request=86400000ms}
      none             | { request: 0s }                      | none
      """)
  void a_timeout(String name, String timeouts, String expected) {
    RouteBackends route =
        of(
            "HTTPRoute",
            "[ { timeouts: " + timeouts + ", backendRefs: [ { name: a, port: 80 } ] } ]");
    assertThat(route.pools().keySet())
        .extracting(Object::toString)
        .containsExactly("gw-svc.shop.a.p80");
    List<RoutePart> filters = route.routes().getFirst().route().filters();
    assertThat(filters.isEmpty() ? "none" : filters.getFirst().args().toString())
        .isEqualTo(expected);
  }

  @Test
  void a_policy_takes_the_place_of_the_backends() {
    Pool own =
        of("HTTPRoute", "[ { backendRefs: [ { name: b, port: 80 } ] } ]")
            .pools()
            .values()
            .iterator()
            .next();
    Policies policies = (route, rule) -> new PolicyPool(null, own, Map.of());
    TestCluster cluster =
        new TestCluster(
            policies,
            OBJECTS,
            """
            kind: HTTPRoute
            metadata: { name: app }
            spec: { rules: [ { backendRefs: [ { name: gone, port: 80 }, { name: a, port: 80 } ] } ] }
            ---
            kind: TCPRoute
            metadata: { name: relay }
            spec: { rules: [ { backendRefs: [ { name: a, port: 80 } ] } ] }
            """);
    assertThat(cluster.routes.get("app").pools()).containsOnlyKeys(own.id());
    assertThat(cluster.routes.get("relay").pools().keySet())
        .as("a pool of another protocol is not for it")
        .extracting(Object::toString)
        .containsExactly("gw-svc-tcp.shop.a.p80");
    try (ClusterRig rig = new ClusterRig(cluster)) {
      rig.expect(80, "GET a /", "200; pool gw-svc.shop.b.p80");
    }
  }
}
