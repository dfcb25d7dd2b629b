package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestRoutes;
import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which listener and which of several routes a request belongs to. */
class RouteOrderTest {
  private static final String OBJECTS =
      """
      kind: Gateway
      metadata: { name: gateway }
      spec:
        listeners:
          - { name: exact, port: 80, protocol: HTTP, hostname: a.example.com }
          - { name: wide, port: 80, protocol: HTTP, hostname: "*.example.com" }
          - { name: other, port: 8080, protocol: HTTP, hostname: other.test }
          - { name: relay, port: 22, protocol: TCP }
      ---
      kind: Service
      metadata: { name: a }
      spec: { ports: [ { port: 80 } ] }
      ---
      kind: Service
      metadata: { name: b }
      spec: { ports: [ { port: 80 } ] }
      ---
      kind: Service
      metadata: { name: c }
      spec: { ports: [ { port: 80 } ] }
      """;

  private static String route(String name, String created, String hosts, String path, String to) {
    return """
    kind: HTTPRoute
    metadata: { name: %s, creationTimestamp: "%s" }
    spec:
      hostnames: [ %s ]
      rules: [ { matches: [ { path: { value: %s } } ], backendRefs: [ { name: %s, port: 80 } ] } ]
    """
        .formatted(name, created, hosts, path, to);
  }

  private static TestCluster cluster() {
    return new TestCluster(
        OBJECTS,
        route("newer", "2026-02-01T00:00:00Z", "'*.example.com'", "/tie", "b"),
        route("older", "2026-01-01T00:00:00Z", "'*.example.com'", "/tie", "a"),
        route("exact", "2026-01-01T00:00:00Z", "a.example.com", "/exact", "a"),
        route("c", "2026-01-01T00:00:00Z", "'*.example.com'", "/same-age", "c"),
        route("b", "2026-01-01T00:00:00Z", "'*.example.com'", "/same-age", "b"),
        route("all", "2026-01-01T00:00:00Z", "", "/all", "c"));
  }

  @Rows(
      """
      the older route comes first                    | 80   | GET b.example.com /tie      | 200 ; pool gw-svc.shop.a.p80
      of the same age the first by name              | 80   | GET b.example.com /same-age | 200 ; pool gw-svc.shop.b.p80
      the exact listener's route serves              | 80   | GET a.example.com /exact    | 200 ; pool gw-svc.shop.a.p80
      a route of the exact listener ends there       | 80   | GET b.example.com /exact    | 404
      the wildcard listener's routes are another's   | 80   | GET a.example.com /nothing  | 404
      a route for all hosts is at all listeners      | 80   | GET a.example.com /all      | 200 ; pool gw-svc.shop.c.p80
      a host of no listener is nobody's              | 80   | GET example.com /all        | 404
      another port has routes of its own             | 8080 | GET other.test /all         | 200 ; pool gw-svc.shop.c.p80
      the first port's routes are not there          | 8080 | GET a.example.com /exact    | 404
      """)
  void a_request_belongs_to_one_listener(String name, int port, String request, String expected) {
    try (ClusterRig rig = new ClusterRig(cluster())) {
      rig.expect(port, request, expected);
    }
  }

  @Test
  void routes_of_the_file_serve_no_listener_of_a_gateway() {
    List<RouteSpec> all = new ArrayList<>();
    all.add(
        new RouteSpec(
            "file",
            "pool://file",
            -1000,
            TestRoutes.parts("Path=/**"),
            List.of(),
            java.util.Map.of()));
    all.addAll(cluster().inOrder());
    var table = RouteCompiler.compile(all, List.of());
    assertThat(table.find(HttpMethod.GET, "nobody.test", "/all").id()).isEqualTo("file");
    for (String port : List.of("gw.80", "gw.8080")) {
      assertThat(table.on(port).find(HttpMethod.GET, "nobody.test", "/all").id())
          .isEqualTo(port + ".404");
    }
  }

  @Test
  void names_of_routes_are_unique() {
    assertThat(cluster().inOrder()).extracting(RouteSpec::id).doesNotHaveDuplicates();
  }
}
