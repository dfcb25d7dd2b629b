package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Pool;
import dev.understudy.pool.TrustedCertificates;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What BackendTLSPolicies come to: TLS to Services, or no connection at all. */
class ServiceTlsTest {
  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");

  private static final String OBJECTS =
      """
      kind: Gateway
      metadata: { name: gateway }
      spec:
        listeners:
          - { name: all, port: 80, protocol: HTTP }
          - { name: sni, port: 443, protocol: TLS, tls: { mode: Passthrough } }
      ---
      kind: Service
      metadata: { name: a }
      spec: { ports: [ { name: web, port: 443 }, { name: more, port: 8443, appProtocol: kubernetes.io/wss } ] }
      ---
      kind: HTTPRoute
      metadata: { name: web }
      spec: { rules: [ { backendRefs: [ { name: a, port: 443 } ] } ] }
      ---
      kind: HTTPRoute
      metadata: { name: more }
      spec: { hostnames: [ more ], rules: [ { backendRefs: [ { name: a, port: 8443 } ] } ] }
      ---
      kind: TLSRoute
      metadata: { name: relay }
      spec: { rules: [ { backendRefs: [ { name: a, port: 443 } ] } ] }
      ---
      kind: ConfigMap
      metadata: { name: empty }
      data: { other: x }
      ---
      kind: ConfigMap
      metadata: { name: broken }
      data: { ca.crt: no certificate }
      ---
      kind: ConfigMap
      metadata: { name: good }
      data:
        ca.crt: |
      """
          + AUTHORITY.pem().indent(4);

  private static String policy(String name, int day, String section, String validation) {
    return """
    kind: BackendTLSPolicy
    metadata: { name: %s, creationTimestamp: "2026-01-%02dT00:00:00Z" }
    spec:
      targetRefs: [ { group: "", kind: Service, name: a%s } ]
      validation: { hostname: a.internal, %s }
    """
        .formatted(name, day, section.isEmpty() ? "" : ", sectionName: " + section, validation);
  }

  private static String refs(String references) {
    return "caCertificateRefs: [ " + references + " ]";
  }

  private static final String GOOD = refs("{ kind: ConfigMap, name: good }");

  private static UpstreamTls of(Pool pool) {
    return pool.settings().tls();
  }

  @Test
  void a_service_with_a_policy_is_reached_by_tls_of_its_name() {
    TestCluster cluster = new TestCluster(OBJECTS, policy("p", 1, "", GOOD));
    Pool pool = cluster.pool("gw-svc.shop.a.p443");
    assertThat(pool.templates().getFirst().address()).hasToString("https://a.shop");
    assertThat(of(pool))
        .isEqualTo(
            new UpstreamTls(
                null,
                "a.internal",
                true,
                new TrustedCertificates(List.of(AUTHORITY.certificate()))));
    assertThat(cluster.policy("p"))
        .isEqualTo("Accepted True Accepted; ResolvedRefs True ResolvedRefs");
    assertThat(cluster.pool("gw-svc-tcp.shop.a.p443").templates().getFirst().address())
        .as("TLS that is relayed is the client's")
        .hasToString("tcp://a.shop:443");
  }

  @Test
  void authorities_of_the_system_are_those_of_java() {
    TestCluster cluster =
        new TestCluster(OBJECTS, policy("p", 1, "", "wellKnownCACertificates: System"));
    assertThat(of(cluster.pool("gw-svc.shop.a.p443")))
        .isEqualTo(new UpstreamTls(null, "a.internal", true));
  }

  @Rows(
      """
      no such ConfigMap     | { kind: ConfigMap, name: gone }   | Accepted False NoValidCACertificate | ResolvedRefs False InvalidCACertificateRef: ConfigMap shop/gone is not there
      without certificates  | { kind: ConfigMap, name: empty }  | Accepted False NoValidCACertificate | ResolvedRefs False InvalidCACertificateRef: ConfigMap shop/empty has no key ca.crt
      what is none          | { kind: ConfigMap, name: broken } | Accepted False NoValidCACertificate | ResolvedRefs False InvalidCACertificateRef: ca.crt of ConfigMap shop/broken has no certificates
      another kind          | { kind: Secret, name: good }      | Accepted False NoValidCACertificate | ResolvedRefs False InvalidKind: Secret good is no ConfigMap
      """)
  void a_broken_policy_lets_no_connection_be_made(
      String name, String reference, String accepted, String resolved) {
    TestCluster cluster = new TestCluster(OBJECTS, policy("p", 1, "", refs(reference)));
    assertThat(cluster.policy("p"))
        .isEqualTo(accepted + ": none of the caCertificateRefs leads to certificates; " + resolved);
    assertThat(cluster.routes.get("web").pools()).isEmpty();
    assertThat(cluster.routes.get("web").resolved().holds()).isTrue();
    try (ClusterRig rig = new ClusterRig(cluster)) {
      rig.expect(80, "GET a /", "500");
    }
  }

  @Test
  void one_good_reference_of_two_is_enough() {
    TestCluster cluster =
        new TestCluster(
            OBJECTS,
            policy(
                "p",
                1,
                "",
                refs("{ name: gone, kind: ConfigMap }, { name: good, kind: ConfigMap }")));
    assertThat(cluster.policy("p"))
        .startsWith("Accepted True Accepted; ResolvedRefs False InvalidCACertificateRef");
    assertThat(of(cluster.pool("gw-svc.shop.a.p443")).trusted()).hasToString("1 certificate");
  }

  @Rows(
      """
      other names of the certificate | subjectAltNames: [ { type: Hostname, hostname: b } ] | subjectAltNames are not supported
      authorities that nobody knows  | wellKnownCACertificates: x.test/mine | expected caCertificateRefs, or wellKnownCACertificates: System
      """)
  void what_is_not_supported_is_invalid(String name, String validation, String expected) {
    TestCluster cluster = new TestCluster(OBJECTS, policy("p", 1, "", validation));
    assertThat(cluster.policy("p")).startsWith("Accepted False Invalid: " + expected);
    assertThat(cluster.routes.get("web").pools()).isEmpty();
  }

  @Test
  void the_oldest_of_two_policies_counts() {
    TestCluster cluster =
        new TestCluster(
            OBJECTS,
            policy("second", 2, "", "wellKnownCACertificates: System"),
            policy("first", 1, "", GOOD));
    assertThat(of(cluster.pool("gw-svc.shop.a.p443")).trusted()).isNotNull();
    assertThat(cluster.policy("first")).startsWith("Accepted True Accepted");
    assertThat(cluster.policy("second"))
        .startsWith(
            "Accepted False Conflicted: the older BackendTLSPolicy shop/first has the same target");
  }

  @Test
  void a_policy_of_one_port_comes_before_one_of_all() {
    TestCluster cluster =
        new TestCluster(
            OBJECTS,
            policy("all", 1, "", GOOD),
            policy("port", 2, "more", "wellKnownCACertificates: System"));
    assertThat(of(cluster.pool("gw-svc.shop.a.p443")).trusted()).isNotNull();
    assertThat(of(cluster.pool("gw-svc.shop.a.p8443")).trusted()).isNull();
    assertThat(cluster.policy("all")).startsWith("Accepted True Accepted");
    assertThat(cluster.policy("port")).startsWith("Accepted True Accepted");
  }

  @Test
  void a_route_that_may_not_refer_to_a_service_makes_no_ancestor() {
    String stranger =
        """
        kind: HTTPRoute
        metadata: { name: stranger, namespace: other }
        spec: { rules: [ { backendRefs: [ { name: b, namespace: shop, port: 80 } ] } ] }
        ---
        kind: Service
        metadata: { name: b }
        spec: { ports: [ { port: 80 } ] }
        """;
    String policy = policy("p", 1, "", GOOD).replace("name: a }", "name: b }");
    String grant =
        """
        kind: ReferenceGrant
        metadata: { name: grant }
        spec:
          from: [ { group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: other } ]
          to: [ { group: "", kind: Service } ]
        """;
    assertThat(new TestCluster(OBJECTS, stranger, policy).policy("p")).isEqualTo("none");
    assertThat(new TestCluster(OBJECTS, stranger, policy, grant).policy("p"))
        .startsWith("Accepted True");
  }

  @Test
  void a_policy_has_at_most_16_ancestors() {
    StringBuilder gateways = new StringBuilder(OBJECTS);
    for (int i = 0; i < 20; i++) {
      gateways
          .append("---\n{ kind: Gateway, metadata: { name: more-")
          .append(i)
          .append(" }, spec: { listeners: [ { name: a, port: 80, protocol: HTTP } ] } }\n");
    }
    TestCluster cluster = new TestCluster(gateways.toString(), policy("p", 1, "", GOOD));
    assertThat(cluster.tls.reports(cluster.attachments).values())
        .singleElement()
        .satisfies(each -> assertThat(((Report.OfBackendTls) each).ancestors()).hasSize(16));
  }

  @Test
  void a_policy_of_a_service_that_no_route_leads_to_says_nothing() {
    TestCluster cluster =
        new TestCluster(OBJECTS, policy("p", 1, "", GOOD).replace("name: a }", "name: other }"));
    assertThat(cluster.policy("p")).isEqualTo("none");
  }
}
