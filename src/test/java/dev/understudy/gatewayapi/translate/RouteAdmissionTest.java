package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.gatewayapi.translate.RouteBackends.OrderedRoute;
import dev.understudy.pool.RouteSpec;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestRoutes;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which routes are admitted beside older ones. */
class RouteAdmissionTest {
  private static final String OBJECTS =
      """
      kind: Gateway
      metadata: { name: gateway }
      spec: { listeners: [ { name: all, port: 80, protocol: HTTP } ] }
      ---
      kind: Service
      metadata: { name: a }
      spec: { ports: [ { port: 80 } ] }
      ---
      kind: Service
      metadata: { name: b }
      spec: { ports: [ { port: 80 } ] }
      ---
      kind: BackendTLSPolicy
      metadata: { name: tls }
      spec:
        targetRefs: [ { group: "", kind: Service, name: a } ]
        validation: { hostname: a.internal, wellKnownCACertificates: System }
      ---
      kind: HTTPRoute
      metadata: { name: one }
      spec: { rules: [ { backendRefs: [ { name: a, port: 80 } ] } ] }
      ---
      kind: HTTPRoute
      metadata: { name: two }
      spec: { rules: [ { backendRefs: [ { name: a, port: 80 } ] } ] }
      """;

  private final RouteAdmission admission = new RouteAdmission();

  /** What a route of the objects is refused for; null if it is admitted. */
  private @Nullable String admit(TestCluster cluster, String route) {
    RouteBackends admitted = admission.admit("shop", cluster.routes.get(route));
    StatusCondition refusal = admitted.unsupported();
    assertThat(admitted.routes().isEmpty() && admitted.pools().isEmpty())
        .isEqualTo(refusal != null);
    return refusal == null ? null : TestCluster.text(refusal);
  }

  @Test
  void routes_share_the_pool_of_a_service() {
    TestCluster cluster = new TestCluster(OBJECTS);
    assertThat(admit(cluster, "one")).isNull();
    assertThat(admit(cluster, "two")).isNull();
    assertThat(admission.pools()).hasSize(1);
  }

  @Test
  void a_route_whose_name_is_taken_is_refused_alone() {
    TestCluster cluster = new TestCluster(OBJECTS);
    assertThat(admit(cluster, "one")).isNull();
    assertThat(admit(cluster, "one"))
        .isEqualTo(
            "Accepted False UnsupportedValue: an older route has the name gw-http.shop.one.r0-0;"
                + " expected another name of the route");
    assertThat(admit(cluster, "two")).isNull();
  }

  /** Combinations of routes of namespaces, the oldest first, and what the next one may have. */
  @Rows(
      """
      # a namespace has a quarter of all
      a 4990                               | a | 10   | 5000  | in namespace a
      a 5000                               | a | 0    | 5000  | in namespace a
      a 5000                               | b | 5000 | 5000  | in namespace b
      # all have a limit together
      a 5000, b 5000, c 5000, d 1000       | e | 4000 | 20000 | in all namespaces
      a 5000, b 5000, c 5000, d 5000       | e | 0    | 20000 | in all namespaces
      """)
  void older_routes_leave_the_rest(
      String older, String namespace, int most, int whole, String where) {
    for (String each : older.split(", ")) {
      String[] words = each.split(" ");
      List<OrderedRoute> routes =
          IntStream.range(0, Integer.parseInt(words[1]))
              .mapToObj(i -> new OrderedRoute(null, null, named("gw." + words[0] + ".r" + i)))
              .toList();
      StatusCondition resolved = StatusCondition.yes(StatusCondition.RESOLVED_REFS);
      RouteBackends made = new RouteBackends(Map.of(), routes, null, resolved, null);
      assertThat(admission.admit(words[0], made)).isSameAs(made);
    }
    assertThat(admission.limit(namespace)).isEqualTo(new RouteLimit(most, whole, where));
  }

  private static RouteSpec named(String id) {
    return new RouteSpec(
        id, RouteSpec.NOWHERE + "op", 0, TestRoutes.parts("Path=/**"), List.of(), Map.of());
  }

  @Test
  void a_route_whose_pool_is_another_one_is_refused() {
    TestCluster other = new TestCluster(OBJECTS.replace("a.internal", "b.internal"));
    assertThat(admit(new TestCluster(OBJECTS), "one")).isNull();
    assertThat(admit(other, "two"))
        .contains("an older route has another pool of the name gw-svc.shop.a.p80");
    assertThat(admission.pools()).hasSize(1);
  }
}
