package dev.understudy.gatewayapi.translate;

import static dev.understudy.gatewayapi.translate.PlannedCluster.gateway;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** ListenerSets: which may add listeners, and which of their listeners conflict. */
class ListenerSetsTest {
  private static final String FROM_SAME = "allowedListeners: { namespaces: { from: Same } }, ";
  private static final String GATEWAY =
      "listeners: [{ name: a, port: 80, protocol: HTTP, hostname: a.test }]";

  private static String set(String metadata, String listeners) {
    return """
    ---
    kind: ListenerSet
    metadata: { name: %s }
    spec: { parentRef: { name: web, namespace: shop }, listeners: [%s] }
    """
        .formatted(metadata, listeners);
  }

  @Rows(
      """
      # without allowedListeners none may
      x: y                                                   | shop  | !Accepted(NotAllowed) !Programmed(NotAllowed)
      allowedListeners: { namespaces: { from: None } }       | shop  | !Accepted(NotAllowed) !Programmed(NotAllowed)
      # those of the namespace
      allowedListeners: { namespaces: { from: Same } }       | shop  | Accepted Programmed
      allowedListeners: { namespaces: { from: Same } }       | other | !Accepted(NotAllowed) !Programmed(NotAllowed)
      # those of all
      allowedListeners: { namespaces: { from: All } }        | other | Accepted Programmed
      # those of namespaces with labels
      allowedListeners: { namespaces: { from: Selector, selector: { matchLabels: { team: a } } } } | other | Accepted Programmed
      allowedListeners: { namespaces: { from: Selector, selector: { matchLabels: { team: b } } } } | other | !Accepted(NotAllowed) !Programmed(NotAllowed)
      allowedListeners: { namespaces: { from: Selector, selector: { matchExpressions: [{ key: team, operator: In, values: [a] }] } } } | other | Accepted Programmed
      # a Gateway that is refused takes none
      infrastructure: { parametersRef: { name: x } }, allowedListeners: { namespaces: { from: All } } | shop | !Accepted(ParentNotAccepted) !Programmed(ParentNotProgrammed)
      # a Gateway without its address is not programmed
      addresses: [{ value: 192.0.2.9 }], allowedListeners: { namespaces: { from: All } } | shop | Accepted !Programmed(ParentNotProgrammed)
      """)
  void a_gateway_allows_them(String spec, String namespace, String conditions) {
    PlannedCluster cluster =
        new PlannedCluster(
            "{ kind: Namespace, metadata: { name: other, labels: { team: a } } }",
            gateway("web", spec + ", " + GATEWAY),
            set(
                "extra, namespace: " + namespace,
                "{ name: b, port: 80, protocol: HTTP, hostname: b.test }"));
    Report.OfListenerSet report = cluster.listenerSet(namespace, "extra");
    assertThat(PlannedCluster.conditions(report.conditions())).isEqualTo(conditions);
    boolean accepted = conditions.startsWith("Accepted");
    assertThat(cluster.gateway("web").listenerSets()).isEqualTo(accepted ? 1 : 0);
    assertThat(cluster.plan.listeners().stream().anyMatch(each -> each.owner() != each.gateway()))
        .isEqualTo(accepted);
  }

  @Rows(
      """
      # a listener of the Gateway comes before one of a ListenerSet
      { name: x, port: 80, protocol: HTTP, hostname: a.test } | { name: y, port: 80, protocol: HTTP, hostname: y.test } | !Accepted(ListenersNotValid) !Programmed(ListenersNotValid): x: HOSTNAME | Accepted Programmed: y: ok
      { name: x, port: 80, protocol: TCP }                    | { name: y, port: 80, protocol: HTTP, hostname: y.test } | !Accepted(ListenersNotValid) !Programmed(ListenersNotValid): x: PROTOCOL | Accepted Programmed: y: ok
      # what it loses so costs the other listeners of the ListenerSet nothing
      { name: x, port: 80, protocol: TCP }, { name: z, port: 80, protocol: HTTP, hostname: z.test } | { name: y, port: 80, protocol: HTTP, hostname: y.test } | Accepted(ListenersNotValid) Programmed: x: PROTOCOL; z: ok | Accepted Programmed: y: ok
      # one of an older ListenerSet before one of a younger
      { name: x, port: 80, protocol: HTTP, hostname: x.test } | { name: x, port: 80, protocol: HTTP, hostname: x.test } | Accepted Programmed: x: ok | !Accepted(ListenersNotValid) !Programmed(ListenersNotValid): x: HOSTNAME
      # within one they all conflict, and leave the hostname to the next
      { name: x, port: 80, protocol: HTTP, hostname: x.test }, { name: z, port: 80, protocol: HTTP, hostname: x.test } | { name: y, port: 80, protocol: HTTP, hostname: x.test } | !Accepted(ListenersNotValid) !Programmed(ListenersNotValid): x: HOSTNAME; z: HOSTNAME | Accepted Programmed: y: ok
      # with one that serves the ListenerSet is accepted
      { name: x, port: 80, protocol: HTTP, hostname: a.test }, { name: z, port: 80, protocol: HTTP } | { name: y, port: 9000, protocol: TCP } | Accepted(ListenersNotValid) Programmed: x: HOSTNAME; z: ok | Accepted Programmed: y: ok
      """)
  void earlier_listeners_win(String older, String younger, String ofOlder, String ofYounger) {
    PlannedCluster cluster =
        new PlannedCluster(
            gateway("web", FROM_SAME + GATEWAY),
            set("a, creationTimestamp: \"2026-01-02T00:00:00Z\"", younger),
            set("b, creationTimestamp: \"2026-01-01T00:00:00Z\"", older));
    assertThat(text(cluster.listenerSet("shop", "b")))
        .isEqualTo(GatewayListenersTest.named(ofOlder));
    assertThat(text(cluster.listenerSet("shop", "a")))
        .isEqualTo(GatewayListenersTest.named(ofYounger));
    assertThat(PlannedCluster.text(cluster.gateway("web").listeners())).isEqualTo("a: ok");
  }

  private static String text(Report.OfListenerSet report) {
    return PlannedCluster.conditions(report.conditions())
        + ": "
        + PlannedCluster.text(report.listeners());
  }

  @Test
  void one_that_serves_lets_a_gateway_be_accepted_whose_own_listeners_do_not() {
    PlannedCluster cluster =
        new PlannedCluster(
            gateway("web", FROM_SAME + "listeners: [{ name: a, port: 81, protocol: HTTP }]"),
            set("extra", "{ name: b, port: 80, protocol: HTTP }"));
    assertThat(PlannedCluster.conditions(cluster.gateway("web").conditions()))
        .isEqualTo("Accepted(ListenersNotValid) Programmed ResolvedRefs");
  }

  @Test
  void a_grant_for_the_gateway_does_not_count_for_its_listener_sets() {
    PlannedCluster cluster =
        new PlannedCluster(
            PlannedCluster.secret("cert, namespace: vault"),
            """
            kind: ReferenceGrant
            metadata: { name: grant, namespace: vault }
            spec:
              from: [{ group: gateway.networking.k8s.io, kind: Gateway, namespace: shop }]
              to: [{ group: "", kind: Secret }]
            """,
            gateway("web", FROM_SAME + GATEWAY),
            set(
                "extra",
                "{ name: b, port: 443, protocol: HTTPS,"
                    + " tls: { certificateRefs: [{ name: cert, namespace: vault }] } }"));
    assertThat(text(cluster.listenerSet("shop", "extra")))
        .isEqualTo(
            "!Accepted(ListenersNotValid) !Programmed(ListenersNotValid):"
                + " b: Accepted !Programmed(Invalid) !ResolvedRefs(RefNotPermitted)");
  }

  @Test
  void those_of_other_parents_are_left_alone() {
    PlannedCluster cluster =
        new PlannedCluster(
            """
            kind: ListenerSet
            metadata: { name: extra }
            spec: { parentRef: { name: missing }, listeners: [{ name: b, port: 80, protocol: HTTP }] }
            """);
    assertThat(cluster.report(ObjectKind.LISTENER_SET, "extra")).isNull();
    assertThat(cluster.plan.listeners()).isEmpty();
  }
}
