package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Which backend a call gets to by the rules of GRPCRoutes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrpcRulesTest {
  private static final String GATEWAY =
      """
      kind: Gateway
      metadata: { name: gateway }
      spec: { listeners: [ { name: all, port: 80, protocol: HTTP } ] }
      """;

  private static String rule(int port, String match) {
    return "{ matches: [ " + match + " ], backendRefs: [ { name: a, port: " + port + " } ] }";
  }

  private static String cluster(String... rules) {
    String ports =
        IntStream.range(1, 10)
            .mapToObj(port -> "{ name: p" + port + ", port: " + port + " }")
            .collect(Collectors.joining(", "));
    return "kind: Service\nmetadata: { name: a }\nspec: { ports: [ "
        + ports
        + " ] }\n---\nkind: GRPCRoute\nmetadata: { name: g }\nspec: { rules: [ "
        + String.join(", ", rules)
        + " ] }\n";
  }

  private ClusterRig rig;

  @BeforeAll
  void start() {
    rig =
        new ClusterRig(
            new TestCluster(
                GATEWAY,
                cluster(
                    rule(1, "{ method: { service: pkg.Shop, method: Buy } }"),
                    rule(2, "{ method: { service: pkg.Shop } }"),
                    rule(3, "{ method: { method: Ping } }"),
                    rule(4, "{ method: { type: RegularExpression, service: 'pkg[.]A+' } }"),
                    rule(5, "{ headers: [ { name: tenant, value: one } ] }"),
                    rule(
                        6,
                        "{ method: { service: pkg.Shop }, headers: [ { name: v, value: '2' } ]"
                            + " }"))));
  }

  @AfterAll
  void stop() {
    rig.close();
  }

  @Rows(
      """
      a method of a service                | POST a /pkg.Shop/Buy           | pool gw-svc-h2.shop.a.p1
      a service                            | POST a /pkg.Shop/Sell          | pool gw-svc-h2.shop.a.p2
      a method has letter case             | POST a /pkg.Shop/buy           | pool gw-svc-h2.shop.a.p2
      a service with a field comes first   | POST a /pkg.Shop/Sell ; v: 2   | pool gw-svc-h2.shop.a.p6
      a method of any service              | POST a /other.Echo/Ping        | pool gw-svc-h2.shop.a.p3
      an expression matches the whole name | POST a /pkg.AAA/Call           | pool gw-svc-h2.shop.a.p4
      an expression matches no part        | POST a /pkg.AAAB/Call          | 404
      a field alone                        | POST a /x/y ; tenant: one      | pool gw-svc-h2.shop.a.p5
      no rule                              | POST a /x/y                    | 404
      """)
  void a_call_goes_where_its_method_leads(String name, String request, String expected) {
    rig.expect(80, request, expected);
  }

  @Test
  void a_route_of_too_many_combinations_is_not_accepted() {
    String hosts = IntStream.range(0, 51).mapToObj(i -> "h" + i).collect(Collectors.joining(", "));
    String match = "{ headers: [ { name: a, value: b } ] }";
    String matches = IntStream.range(0, 100).mapToObj(i -> match).collect(Collectors.joining(", "));
    TestCluster cluster =
        new TestCluster(
            GATEWAY,
            cluster(rule(1, matches))
                .replace("spec: { rules", "spec: { hostnames: [ " + hosts + " ], rules"));
    assertThat(TestCluster.text(cluster.routes.get("g").unsupported()))
        .contains(
            "expected at most 5000 combinations of a match, a host and a listener in namespace"
                + " shop, of which older routes leave 5000");
  }
}
