package dev.understudy.gatewayapi.translate;

import static dev.understudy.gatewayapi.translate.PlannedCluster.gateway;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which listeners take a route, and under which hostnames. */
class RouteAttachmentsTest {
  private static final String OBJECTS =
      "{ kind: Namespace, metadata: { name: other, labels: { team: a } } }\n"
          + gateway(
              "web",
              """
              allowedListeners: { namespaces: { from: All } },
              listeners: [
                { name: any, port: 80, protocol: HTTP },
                { name: one, port: 80, protocol: HTTP, hostname: one.test },
                { name: wild, port: 80, protocol: HTTP, hostname: "*.wild.test" },
                { name: grpc, port: 80, protocol: HTTP, hostname: grpc.test, allowedRoutes: { kinds: [{ kind: GRPCRoute }] } },
                { name: tcp, port: 9000, protocol: TCP },
                { name: sni, port: 443, protocol: TLS, hostname: "*.sni.test", tls: { mode: Passthrough } }]
              """)
          + gateway(
              "open",
              """
              listeners: [
                { name: all, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } },
                { name: team, port: 80, protocol: HTTP, hostname: team.test, allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { team: a } } } } }]
              """)
          + gateway("idle", "listeners: [{ name: closed, port: 81, protocol: HTTP }]")
          + """
          ---
          kind: ListenerSet
          metadata: { name: extra, namespace: other }
          spec:
            parentRef: { name: web, namespace: shop }
            listeners: [{ name: added, port: 80, protocol: HTTP, hostname: added.test }]
          ---
          kind: ListenerSet
          metadata: { name: refused, namespace: other }
          spec:
            parentRef: { name: open, namespace: shop }
            listeners: [{ name: added, port: 80, protocol: HTTP, hostname: added.test }]
          ---
          { kind: Gateway, metadata: { name: theirs }, spec: { gatewayClassName: theirs, listeners: [{ name: a, port: 80, protocol: HTTP }] } }
          """;

  private static PlannedCluster with(String kind, String namespace, String parents, String spec) {
    return new PlannedCluster(
        OBJECTS
            + "---\n{ kind: %s, metadata: { name: route, namespace: %s }, spec: { parentRefs: [%s]%s } }"
                .formatted(kind, namespace, parents, spec));
  }

  @Rows(
      """
      # a route attaches to all listeners of its parent that take it
      HTTPRoute | shop  | { name: web }                                | any; one one.test; wild *.wild.test
      GRPCRoute | shop  | { name: web }                                | any; one one.test; wild *.wild.test; grpc grpc.test
      TCPRoute  | shop  | { name: web }                                | tcp
      # or to those with a name, with a port, or with both
      HTTPRoute | shop  | { name: web, sectionName: one }              | one one.test
      HTTPRoute | shop  | { name: web, port: 80 }                      | any; one one.test; wild *.wild.test
      HTTPRoute | shop  | { name: web, sectionName: any, port: 80 }    | any
      HTTPRoute | shop  | { name: web, sectionName: missing }          | !NoMatchingParent
      HTTPRoute | shop  | { name: web, port: 81 }                      | !NoMatchingParent
      HTTPRoute | shop  | { name: web, sectionName: any, port: 9000 }  | !NoMatchingParent
      # a listener takes the kinds of its protocol, or those that it names
      TCPRoute  | shop  | { name: web, sectionName: any }              | !NotAllowedByListeners
      HTTPRoute | shop  | { name: web, sectionName: tcp }              | !NotAllowedByListeners
      HTTPRoute | shop  | { name: web, sectionName: grpc }             | !NotAllowedByListeners
      TLSRoute  | shop  | { name: web, sectionName: any }              | !NotAllowedByListeners
      TLSRoute  | shop  | { name: web, sectionName: tcp }              | !NotAllowedByListeners
      # a listener takes routes of its own namespace, or of those that it names
      HTTPRoute | other | { name: web, namespace: shop }               | !NotAllowedByListeners
      HTTPRoute | other | { name: open, namespace: shop }              | all; team team.test
      HTTPRoute | third | { name: open, namespace: shop }              | all
      HTTPRoute | third | { name: open, namespace: shop, sectionName: team } | !NotAllowedByListeners
      # the namespace of a ListenerSet's listeners is its own, and its parent's listeners are not its
      HTTPRoute | other | { name: extra, kind: ListenerSet }           | added added.test
      HTTPRoute | shop  | { name: extra, kind: ListenerSet, namespace: other } | !NotAllowedByListeners
      HTTPRoute | other | { name: extra, kind: ListenerSet, sectionName: any } | !NoMatchingParent
      HTTPRoute | shop  | { name: web, sectionName: added }            | !NoMatchingParent
      # a ListenerSet that its Gateway does not allow has no listeners
      HTTPRoute | other | { name: refused, kind: ListenerSet }         | !NoMatchingParent
      # each parent counts for itself
      HTTPRoute | shop  | { name: web, sectionName: any }, { name: web, sectionName: x } | any / !NoMatchingParent
      # a listener that does not serve takes routes, which get nothing there
      HTTPRoute | shop  | { name: idle }                               |
      # parents that are not ours are left out
      HTTPRoute | shop  | { name: theirs }                             | none
      HTTPRoute | shop  | { name: missing }                            | none
      HTTPRoute | shop  | { name: web, kind: Service, group: "" }      | none
      HTTPRoute | shop  | { name: web, namespace: other }              | none
      HTTPRoute | shop  | { name: web, group: example.com }            | none
      """)
  void a_route_attaches_to_its_parents(
      String kind, String namespace, String parents, @Nullable String places) {
    assertThat(places(with(kind, namespace, parents, ""))).isEqualTo(places == null ? "" : places);
  }

  private static String places(PlannedCluster cluster) {
    return cluster.attachments().isEmpty()
        ? "none"
        : cluster.attachments().stream()
            .map(PlannedCluster::text)
            .collect(Collectors.joining(" / "));
  }

  @Rows(
      """
      # a listener without a hostname takes those of the route
      HTTPRoute | any  | "a.test", "*.b.test"              | any a.test *.b.test
      # equal ones meet, in any letter case
      HTTPRoute | one  | "ONE.test"                        | one one.test
      HTTPRoute | one  | "two.test"                        | !NoMatchingListenerHostname
      HTTPRoute | one  | "two.test", "one.test"            | one one.test
      # a wildcard stands for one label or more before its domain
      HTTPRoute | wild | "a.wild.test"                     | wild a.wild.test
      HTTPRoute | wild | "b.a.wild.test"                   | wild b.a.wild.test
      HTTPRoute | wild | "wild.test"                       | !NoMatchingListenerHostname
      HTTPRoute | wild | "swild.test"                      | !NoMatchingListenerHostname
      HTTPRoute | one  | "*.test"                          | one one.test
      HTTPRoute | one  | "*.one.test"                      | !NoMatchingListenerHostname
      # of two wildcards the longer one counts
      HTTPRoute | wild | "*.test"                          | wild *.wild.test
      HTTPRoute | wild | "*.a.wild.test"                   | wild *.a.wild.test
      HTTPRoute | wild | "*.wild.test"                     | wild *.wild.test
      HTTPRoute | wild | "*.other.test"                    | !NoMatchingListenerHostname
      # each is told once
      HTTPRoute | one  | "*.test", "one.test"              | one one.test
      # it is the same for gRPC and TLS
      GRPCRoute | grpc | "*.test"                          | grpc grpc.test
      GRPCRoute | grpc | "a.test"                          | !NoMatchingListenerHostname
      TLSRoute  | sni  | "a.sni.test", "a.test"            | sni a.sni.test
      TLSRoute  | sni  | "a.test"                          | !NoMatchingListenerHostname
      # what is no hostname is left out
      HTTPRoute | any  | "a b", "a.*.test", "ok.test"      | any ok.test
      HTTPRoute | any  | "a b"                             | !NoMatchingListenerHostname
      """)
  void hostnames_are_those_in_common(String kind, String section, String hostnames, String places) {
    PlannedCluster cluster =
        with(
            kind,
            "shop",
            "{ name: web, sectionName: " + section + " }",
            ", hostnames: [" + hostnames + "]");
    assertThat(places(cluster)).isEqualTo(places);
  }

  @Rows(
      """
      HTTPRoute | { name: web, sectionName: x, port: 81 } | The Gateway shop/web has no listener of the name x with port 81.
      HTTPRoute | { name: web, sectionName: tcp }         | No listener of the name tcp takes the kind HTTPRoute from namespace shop.
      TLSRoute  | { name: web, port: 443 }                | No listener that takes the route has a hostname in common with it.
      """)
  void a_refusal_has_a_sentence(String kind, String parent, String message) {
    PlannedCluster cluster = with(kind, "shop", parent, ", hostnames: [a.test]");
    assertThat(cluster.attachments().getFirst().refusal().message()).isEqualTo(message);
  }

  @Test
  void attached_routes_are_counted_whether_the_listener_serves_or_not() {
    String routes =
        """
        ---
        { kind: HTTPRoute, metadata: { name: a }, spec: { parentRefs: [{ name: web }, { name: web, sectionName: one }, { name: idle }] } }
        ---
        { kind: HTTPRoute, metadata: { name: b }, spec: { parentRefs: [{ name: web, sectionName: any }] } }
        ---
        { kind: GRPCRoute, metadata: { name: b }, spec: { parentRefs: [{ name: web, sectionName: any }] } }
        ---
        { kind: HTTPRoute, metadata: { name: c }, spec: { parentRefs: [{ name: web, sectionName: tcp }] } }
        ---
        { kind: HTTPRoute, metadata: { name: d, namespace: other }, spec: { parentRefs: [{ name: extra, kind: ListenerSet }] } }
        """;
    PlannedCluster cluster = new PlannedCluster(OBJECTS + routes);
    assertThat(cluster.gateway("web").listeners().stream().map(each -> each.routes()))
        .containsExactly(3, 1, 1, 0, 0, 0);
    assertThat(cluster.gateway("idle").listeners().getFirst().routes()).isEqualTo(1);
    assertThat(cluster.listenerSet("other", "extra").listeners().getFirst().routes()).isEqualTo(1);
  }
}
