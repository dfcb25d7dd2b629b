package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.gatewayapi.translate.TestCluster;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/**
 * Routes of the Gateway API are the same in the Gateway lane, which has unusual paths and hosts.
 */
class ClusterRoutesTest extends ScriptedLaneTable {
  private static final TestCluster CLUSTER =
      new TestCluster(
          """
          kind: Gateway
          metadata: { name: gateway }
          spec:
            listeners:
              - { name: all, port: 80, protocol: HTTP }
              - { name: wide, port: 80, protocol: HTTP, hostname: "*.example.com" }
          ---
          kind: Service
          metadata: { name: a }
          spec: { ports: [ { port: 80 } ] }
          ---
          kind: HTTPRoute
          metadata: { name: r }
          spec:
            rules:
              - matches: [ { path: { type: Exact, value: "/sp%20ace;v=(1)" } } ]
                backendRefs: [ { name: a, port: 80 } ]
              - matches: [ { path: { type: PathPrefix, value: "/%7Etilde/%2f" } } ]
                backendRefs: [ { name: a, port: 80 } ]
              - matches: [ { path: { value: /prefix } } ]
                filters:
                  - type: URLRewrite
                    urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } }
                backendRefs: [ { name: a, port: 80 } ]
              - matches: [ { path: { value: /set } } ]
                filters:
                  - type: RequestHeaderModifier
                    requestHeaderModifier: { set: [ { name: X-Set, value: "#{1+1} {path}" } ] }
                backendRefs: [ { name: a, port: 80 } ]
              - matches: [ { path: { value: /gone } } ]
                backendRefs: [ { name: gone, port: 80 } ]
              - matches: [ { path: { value: /redirect } } ]
                filters:
                  - type: RequestRedirect
                    requestRedirect: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /to } }
          """);

  /** Every request takes the lane, at whatever listener. */
  @BeforeEach
  void use() {
    app.use(
        List.of(),
        CLUSTER.inOrder().stream().map(ClusterRoutesTest::anywhere).toArray(RouteSpec[]::new));
  }

  private static RouteSpec anywhere(RouteSpec route) {
    List<RoutePart> predicates =
        route.predicates().stream()
            .map(
                each ->
                    each.name().equals("Listener")
                        ? new RoutePart("When", Map.of("expression", "any"))
                        : each)
            .toList();
    return new RouteSpec(
        route.id(), route.uri(), route.order(), predicates, route.filters(), route.metadata());
  }

  @Rows(
      """
      what is encoded matches             | /sp%20ace;v=(1)     | a             | 200 | /sp%20ace;v=(1)
      what needs no encoding matches      | /%7etilde/%2F/x     | a             | 200 | /%7etilde/%2F/x
      a slash that is encoded is none     | /prefix%2Fx         | a             | 404 |
      a prefix is replaced                | /prefix/%2F         | a             | 200 | /new/%2F
      a value is a text                   | /set                | a             | 200 | /set
      a rule without a backend fails      | /gone/%2F           | a             | 500 |
      a redirect needs no server          | /redirect/%2F       | a             | 302 |
      a host of another listener          | /set                | a.example.com | 200 | /set
      nothing else is served              | /                   | a.example.com | 404 |
      """)
  void a_request_is_served(String name, String path, String host, int status, String target) {
    app.engine.calls.clear();
    String response =
        exchange("GET " + path + " HTTP/1.1\nHost: " + host + "\nConnection: close\n\n");
    assertThat(response).startsWith("HTTP/1.1 " + status);
    assertThat(app.engine.calls).hasSize(target == null ? 0 : 1);
    if (target != null) {
      assertThat(last().request.target()).isEqualTo(target);
      assertThat(last().request.pool()).hasToString("gw-svc.shop.a.p80");
      String set = last().request.headers().get("x-set");
      assertThat(set).isEqualTo(path.equals("/set") ? "#{1+1} {path}" : null);
    }
    if (status == 302) {
      assertThat(response).containsIgnoringCase("location: http://a/to/%2F");
    }
  }
}
