package dev.understudy.gatewayapi.translate;

import static dev.understudy.gatewayapi.translate.PlannedCluster.gateway;
import static dev.understudy.gatewayapi.translate.PlannedCluster.secret;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import dev.understudy.testing.Rows;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each listener of a Gateway: what is accepted, what it refers to, what conflicts. */
class GatewayListenersTest {
  private static final String SECRETS = secrets();

  private static String secrets() {
    PemAuthority authority = new PemAuthority("CN=authority");
    Issued one = authority.issue("CN=one", "EC");
    Issued other = authority.issue("CN=other", "EC");
    return secret("cert")
        + secret("garbage", "Hello", "World")
        + secret("mismatch", one.certificates(), other.keyPem())
        + secret("keyless", one.certificates(), "")
        + secret("large", "x".repeat(70_000), one.keyPem())
        + secret("cert, namespace: vault")
        + secret("other, namespace: vault")
        + secret("cert, namespace: closed")
        + """
        ---
        kind: ReferenceGrant
        metadata: { name: grant, namespace: vault }
        spec:
          from: [{ group: gateway.networking.k8s.io, kind: Gateway, namespace: shop }]
          to: [{ group: "", kind: Secret, name: cert }]
        ---
        kind: ReferenceGrant
        metadata: { name: grant, namespace: closed }
        spec:
          from:
            - { group: gateway.networking.k8s.io, kind: ListenerSet, namespace: shop }
            - { group: gateway.networking.k8s.io, kind: Gateway, namespace: elsewhere }
          to: [{ group: "", kind: Secret }]
        """;
  }

  @Rows(
      """
      # a listener with all that its protocol needs serves
      { name: a, port: 80, protocol: HTTP } | a: ok
      { name: a, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: cert }] } } | a: ok
      { name: a, port: 443, protocol: HTTPS, tls: { mode: Terminate, certificateRefs: [{ name: cert }] } } | a: ok
      { name: a, port: 443, protocol: TLS, tls: { mode: Passthrough } } | a: ok
      { name: a, port: 443, protocol: TLS, tls: { mode: Terminate, certificateRefs: [{ name: cert }] } } | a: ok
      { name: a, port: 9000, protocol: TCP } | a: ok
      # another protocol is not supported
      { name: a, port: 80, protocol: UDP } | a: !Accepted(UnsupportedProtocol) !Programmed(Invalid) ResolvedRefs
      { name: a, port: 80, protocol: example.com/x } | a: !Accepted(UnsupportedProtocol) !Programmed(Invalid) ResolvedRefs
      # tls must be where the protocol has it, and nowhere else
      { name: a, port: 80, protocol: HTTP, tls: { mode: Passthrough } } | a: !Accepted(Invalid) !Programmed(Invalid) ResolvedRefs
      { name: a, port: 9000, protocol: TCP, tls: { mode: Passthrough } } | a: !Accepted(Invalid) !Programmed(Invalid) ResolvedRefs
      { name: a, port: 443, protocol: TLS } | a: !Accepted(Invalid) !Programmed(Invalid) !ResolvedRefs(InvalidCertificateRef)
      { name: a, port: 443, protocol: HTTPS } | a: !Accepted(Invalid) !Programmed(Invalid) !ResolvedRefs(InvalidCertificateRef)
      { name: a, port: 443, protocol: HTTPS, tls: { mode: Passthrough, certificateRefs: [{ name: cert }] } } | a: !Accepted(Invalid) !Programmed(Invalid) ResolvedRefs
      # a hostname is a DNS name, or a wildcard before one
      { name: a, port: 80, protocol: HTTP, hostname: "*.shop.test" } | a: ok
      { name: a, port: 80, protocol: HTTP, hostname: "a.*.test" } | a: !Accepted(Invalid) !Programmed(Invalid) ResolvedRefs
      { name: a, port: 80, protocol: HTTP, hostname: "a_b.test" } | a: !Accepted(Invalid) !Programmed(Invalid) ResolvedRefs
      # a port that this deployment does not have is not available
      { name: a, port: 81, protocol: HTTP } | a: !Accepted(PortUnavailable) !Programmed(Invalid) ResolvedRefs
      # one bad listener leaves the others as they are
      { name: a, port: 81, protocol: HTTP }, { name: b, port: 80, protocol: HTTP } | a: !Accepted(PortUnavailable) !Programmed(Invalid) ResolvedRefs; b: ok
      # kinds of routes that the protocol does not have leave those that it has
      { name: a, port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: TCPRoute }, { kind: GRPCRoute }] } } | a: Accepted Programmed !ResolvedRefs(InvalidRouteKinds)
      { name: a, port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: HTTPRoute, group: example.com }] } } | a: Accepted !Programmed(Invalid) !ResolvedRefs(InvalidRouteKinds)
      """)
  void a_listener_is_judged_for_itself(String listeners, String conditions) {
    assertThat(judged(listeners)).isEqualTo(conditions);
  }

  @Rows(
      """
      # a reference needs a Secret with a certificate and its key
      { name: missing }                    | InvalidCertificateRef | The Secret shop/missing does not exist.
      { name: cert, kind: ConfigMap }      | InvalidCertificateRef | The ConfigMap shop/cert is no Secret of the core group.
      { name: cert, group: example.com }   | InvalidCertificateRef | The Secret shop/cert is no Secret of the core group.
      { name: garbage }                    | InvalidCertificateRef | Expected a private key that can be read (tls.key of Secret shop/garbage).
      { name: keyless }                    | InvalidCertificateRef | Expected a private key that can be read (tls.key of Secret shop/keyless).
      { name: large }                      | InvalidCertificateRef | Expected a file of at most 64 KB (tls.crt of Secret shop/large).
      { name: mismatch }                   | InvalidCertificateRef | Expected the private key of the certificate of CN=one (tls.key of Secret shop/mismatch has the key of another certificate).
      # a Secret of another namespace needs a grant for this kind, this namespace and this name
      { name: cert, namespace: vault }     |                       |
      { name: other, namespace: vault }    | RefNotPermitted       | No ReferenceGrant of namespace vault lets a Gateway of namespace shop refer to the Secret vault/other.
      { name: missing, namespace: nowhere } | RefNotPermitted      | No ReferenceGrant of namespace nowhere lets a Gateway of namespace shop refer to the Secret nowhere/missing.
      { name: cert, namespace: closed }    | RefNotPermitted       | No ReferenceGrant of namespace closed lets a Gateway of namespace shop refer to the Secret closed/cert.
      # of several references the first that cannot be used is told
      { name: cert }, { name: garbage }, { name: missing } | InvalidCertificateRef | Expected a private key that can be read (tls.key of Secret shop/garbage).
      """)
  void a_certificate_is_looked_up(
      String references, @Nullable String reason, @Nullable String message) {
    PlannedCluster cluster =
        new PlannedCluster(
            SECRETS,
            gateway(
                "web",
                "listeners: [{ name: a, port: 443, protocol: HTTPS, tls: { certificateRefs: ["
                    + references
                    + "] } }]"));
    StatusCondition resolved =
        cluster.gateway("web").listeners().getFirst().conditions().stream()
            .filter(each -> each.type().equals("ResolvedRefs"))
            .findFirst()
            .orElseThrow();
    assertThat(resolved.holds() ? null : resolved.reason()).isEqualTo(reason);
    assertThat(resolved.holds() ? null : resolved.message()).isEqualTo(message);
    boolean hasOne = reason == null || references.startsWith("{ name: cert },");
    assertThat(cluster.plan.listeners()).hasSize(hasOne ? 1 : 0);
  }

  @Rows(
      """
      # without kinds those of the protocol are supported
      HTTP, port: 80                         |                                               | HTTPRoute GRPCRoute
      HTTPS, port: 443                       |                                               | HTTPRoute GRPCRoute
      TLS, port: 443, tls: { mode: Passthrough } |                                         | TLSRoute
      TCP, port: 9000                        |                                               | TCPRoute
      UDP, port: 9000                        |                                               |
      # with kinds those that the protocol has too
      HTTP, port: 80                         | { kind: HTTPRoute }                           | HTTPRoute
      HTTP, port: 80                         | { kind: UnknownRoute }, { kind: HTTPRoute }   | HTTPRoute
      HTTP, port: 80                         | { kind: HTTPRoute, group: example.com }       |
      TLS, port: 443, tls: { mode: Passthrough } | { kind: TCPRoute }, { kind: TLSRoute }  | TLSRoute
      """)
  void supported_kinds_are_told(String listener, @Nullable String kinds, @Nullable String told) {
    String allowed = kinds == null ? "" : ", allowedRoutes: { kinds: [" + kinds + "] }";
    PlannedCluster cluster =
        new PlannedCluster(
            gateway("web", "listeners: [{ name: a, protocol: " + listener + allowed + " }]"));
    assertThat(PlannedCluster.kinds(cluster.gateway("web").listeners().getFirst()))
        .isEqualTo(told == null ? "" : told);
  }

  @Rows(
      """
      # listeners of one port and protocol differ by their hostnames
      { name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: HTTP, hostname: b.test }, { name: c, port: 80, protocol: HTTP, hostname: "*.test" } | a: ok; b: ok; c: ok
      # else all of them conflict, and those that differ serve
      { name: a, port: 80, protocol: HTTP, hostname: B.test }, { name: b, port: 80, protocol: HTTP, hostname: b.test }, { name: c, port: 80, protocol: HTTP } | a: HOSTNAME; b: HOSTNAME; c: ok
      # a port has one protocol
      { name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: TCP }, { name: c, port: 9000, protocol: TCP } | a: PROTOCOL; b: PROTOCOL; c: ok
      { name: a, port: 80, protocol: HTTP, hostname: a.test }, { name: b, port: 80, protocol: HTTPS, hostname: b.test, tls: { certificateRefs: [{ name: cert }] } } | a: PROTOCOL; b: PROTOCOL
      # listeners of TLS differ by their hostnames, whatever becomes of their connections
      { name: a, port: 443, protocol: TLS, hostname: a.test, tls: { mode: Passthrough } }, { name: b, port: 443, protocol: TLS, hostname: b.test, tls: { certificateRefs: [{ name: cert }] } }, { name: c, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: cert }] } } | a: ok; b: ok; c: ok
      { name: a, port: 443, protocol: TLS, hostname: a.test, tls: { mode: Passthrough } }, { name: b, port: 443, protocol: HTTPS, hostname: a.test, tls: { certificateRefs: [{ name: cert }] } }, { name: c, port: 443, protocol: HTTPS, hostname: b.test, tls: { certificateRefs: [{ name: cert }] } } | a: HOSTNAME; b: HOSTNAME; c: ok
      { name: a, port: 443, protocol: TLS, hostname: a.test, tls: { mode: Passthrough } }, { name: b, port: 443, protocol: TLS, hostname: b.test, tls: { mode: Passthrough } } | a: ok; b: ok
      # a port has one TCP listener
      { name: a, port: 9000, protocol: TCP }, { name: b, port: 9000, protocol: TCP } | a: PROTOCOL; b: PROTOCOL
      # a listener that is refused anyway conflicts with none
      { name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: UDP } | a: ok; b: !Accepted(UnsupportedProtocol) !Programmed(Invalid) ResolvedRefs
      { name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: TCP, tls: { mode: Passthrough } } | a: ok; b: !Accepted(Invalid) !Programmed(Invalid) ResolvedRefs
      """)
  void listeners_of_one_gateway_that_cannot_be_told_apart_conflict(
      String listeners, String conditions) {
    assertThat(judged(listeners)).isEqualTo(named(conditions));
  }

  /** The conditions that a conflict comes to. */
  static String named(String conditions) {
    String conflict = "!Accepted(%1$s) !Programmed(%1$s) ResolvedRefs Conflicted(%1$s)";
    return conditions
        .replace("HOSTNAME", conflict.formatted("HostnameConflict"))
        .replace("PROTOCOL", conflict.formatted("ProtocolConflict"));
  }

  @Rows(
      """
      # listeners of two Gateways may be the same
      { name: a, port: 80, protocol: HTTP } | { name: b, port: 80, protocol: HTTP } | a: ok | b: ok
      { name: a, port: 9000, protocol: TCP } | { name: b, port: 9000, protocol: TCP } | a: ok | b: ok
      # what a port does is decided by the older Gateway
      { name: a, port: 80, protocol: HTTP } | { name: b, port: 80, protocol: TCP }, { name: c, port: 9000, protocol: TCP } | a: ok | b: PROTOCOL; c: ok
      { name: a, port: 80, protocol: HTTP } | { name: b, port: 80, protocol: TCP }, { name: c, port: 80, protocol: HTTP } | a: ok | b: PROTOCOL; c: ok
      { name: a, port: 443, protocol: TLS, tls: { mode: Passthrough } } | { name: b, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: cert }] } } | a: ok | b: ok
      # and what a hostname is for, but without one those of the routes tell
      { name: a, port: 443, protocol: TLS, hostname: a.test, tls: { mode: Passthrough } } | { name: b, port: 443, protocol: HTTPS, hostname: a.test, tls: { certificateRefs: [{ name: cert }] } } | a: ok | b: HOSTNAME
      { name: a, port: 443, protocol: TLS, hostname: a.test, tls: { mode: Passthrough } } | { name: b, port: 443, protocol: TLS, hostname: a.test, tls: { certificateRefs: [{ name: cert }] } } | a: ok | b: HOSTNAME
      { name: a, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: cert }] } } | { name: b, port: 443, protocol: TLS, tls: { certificateRefs: [{ name: cert }] } } | a: ok | b: HOSTNAME
      # also while its certificate is missing
      { name: a, port: 443, protocol: HTTPS, hostname: a.test, tls: { certificateRefs: [{ name: missing }] } } | { name: b, port: 443, protocol: TLS, hostname: a.test, tls: { mode: Passthrough } } | a: Accepted !Programmed(Invalid) !ResolvedRefs(InvalidCertificateRef) | b: HOSTNAME
      # a conflict within the older Gateway leaves the port to the younger
      { name: a, port: 80, protocol: HTTP }, { name: x, port: 80, protocol: TCP } | { name: b, port: 80, protocol: HTTP } | a: PROTOCOL; x: PROTOCOL | b: ok
      """)
  void the_older_of_two_gateways_decides_what_a_port_does(
      String older, String younger, String ofOlder, String ofYounger) {
    PlannedCluster cluster =
        new PlannedCluster(
            SECRETS,
            gateway(
                "a, creationTimestamp: \"2026-01-02T00:00:00Z\"", "listeners: [" + younger + "]"),
            gateway(
                "b, creationTimestamp: \"2026-01-01T00:00:00Z\"", "listeners: [" + older + "]"));
    assertThat(PlannedCluster.text(cluster.gateway("b").listeners())).isEqualTo(named(ofOlder));
    assertThat(PlannedCluster.text(cluster.gateway("a").listeners())).isEqualTo(named(ofYounger));
  }

  @Rows(
      """
      # what an older Gateway has is not that of another namespace
      80, protocol: HTTP                         | 80, protocol: HTTP                         | HOSTNAME
      80, protocol: HTTP, hostname: a.test       | 80, protocol: HTTP, hostname: a.test       | HOSTNAME
      80, protocol: HTTP, hostname: "*.test"     | 80, protocol: HTTP, hostname: "*.test"     | HOSTNAME
      # nor what lies below it
      80, protocol: HTTP                         | 80, protocol: HTTP, hostname: a.test       | HOSTNAME
      80, protocol: HTTP, hostname: "*.test"     | 80, protocol: HTTP, hostname: a.test       | HOSTNAME
      80, protocol: HTTP, hostname: "*.test"     | 80, protocol: HTTP, hostname: "*.b.a.test" | HOSTNAME
      443, protocol: TLS, hostname: "*.test", tls: { mode: Passthrough } | 443, protocol: TLS, hostname: a.test, tls: { mode: Passthrough } | HOSTNAME
      # what is beside or above it is
      80, protocol: HTTP, hostname: a.test       | 80, protocol: HTTP, hostname: b.test       | ok
      80, protocol: HTTP, hostname: a.test       | 80, protocol: HTTP, hostname: x.a.test     | ok
      80, protocol: HTTP, hostname: "*.test"     | 80, protocol: HTTP, hostname: test         | ok
      80, protocol: HTTP, hostname: a.test       | 80, protocol: HTTP, hostname: "*.test"     | ok
      80, protocol: HTTP, hostname: a.test       | 80, protocol: HTTP                         | ok
      # another port is another matter
      9000, protocol: HTTP                       | 80, protocol: HTTP                         | ok
      # a port of TCP has no hostnames
      9000, protocol: TCP                        | 9000, protocol: TCP                        | PROTOCOL
      # a listener that has none itself takes none
      81, protocol: HTTP                         | 80, protocol: HTTP                         | ok
      """)
  void a_younger_gateway_of_another_namespace_takes_nothing(
      String older, String younger, String expected) {
    String listener = "listeners: [{ name: a, port: %s }]";
    String ofOlder = "b, namespace: %s, creationTimestamp: \"2026-01-01T00:00:00Z\"";
    String ofYounger = "a, creationTimestamp: \"2026-01-02T00:00:00Z\"";
    for (String namespace : List.of("other", "shop")) {
      PlannedCluster cluster =
          new PlannedCluster(
              gateway(ofYounger, listener.formatted(younger)),
              gateway(ofOlder.formatted(namespace), listener.formatted(older)));
      assertThat(PlannedCluster.text(cluster.gateway("a").listeners()))
          .isEqualTo(namespace.equals("shop") ? "a: ok" : named("a: " + expected));
    }
  }

  @Test
  void a_conflict_names_the_older_gateway() {
    PlannedCluster cluster =
        new PlannedCluster(
            gateway(
                "a, creationTimestamp: \"2021-01-01T00:00:00Z\"",
                "listeners: [{ name: a, port: 80, protocol: HTTP, hostname: a.test }]"),
            gateway(
                "b, namespace: other, creationTimestamp: \"2020-01-01T00:00:00Z\"",
                "listeners: [{ name: b, port: 80, protocol: HTTP }]"));
    assertThat(cluster.gateway("a").listeners().getFirst().conditions())
        .contains(
            new StatusCondition(
                "Conflicted",
                true,
                "HostnameConflict",
                "Port 80 has this hostname in the older Gateway other/b of another namespace."));
  }

  @Test
  void gateways_of_one_age_are_in_the_order_of_their_names() {
    PlannedCluster cluster =
        new PlannedCluster(
            gateway("b", "listeners: [{ name: b, port: 80, protocol: TCP }]"),
            gateway("a", "listeners: [{ name: a, port: 80, protocol: HTTP }]"));
    assertThat(PlannedCluster.text(cluster.gateway("a").listeners())).isEqualTo("a: ok");
    assertThat(PlannedCluster.text(cluster.gateway("b").listeners()))
        .isEqualTo(named("b: PROTOCOL"));
  }

  private static String judged(String listeners) {
    PlannedCluster cluster =
        new PlannedCluster(SECRETS, gateway("web", "listeners: [" + listeners + "]"));
    return PlannedCluster.text(cluster.gateway("web").listeners());
  }
}
