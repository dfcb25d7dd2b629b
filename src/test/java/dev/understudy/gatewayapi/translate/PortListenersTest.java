package dev.understudy.gatewayapi.translate;

import static dev.understudy.gatewayapi.translate.PlannedCluster.gateway;
import static dev.understudy.gatewayapi.translate.PlannedCluster.secret;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import dev.understudy.testing.Rows;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The listeners of the data plane. */
class PortListenersTest {
  private static final String SECRETS = secret("one") + secret("two") + secret("three");

  /** A listener that ends TLS. */
  private static String tls(String protocol, String hostname, String secrets) {
    return "{ name: %s, port: 443, protocol: %s%s, tls: { certificateRefs: [%s] } }"
        .formatted(
            secrets.replaceAll("[^a-z]", ""),
            protocol,
            hostname.isEmpty() ? "" : ", hostname: \"" + hostname + "\"",
            secrets);
  }

  private static String route(String kind, String name, String age, String spec) {
    return """
    ---
    kind: %s
    metadata: { name: %s, creationTimestamp: "2026-01-%sT00:00:00Z" }
    spec: { parentRefs: [{ name: web }, { name: other }], %s }
    """
        .formatted(kind, name, age, spec);
  }

  @Rows(
      """
      # all listeners of a port are one
      { name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: HTTP, hostname: b.test } | gw.80:10080
      # each port has its own
      { name: a, port: 80, protocol: HTTP }, { name: b, port: 443, protocol: HTTP } | gw.443:10443; gw.80:10080
      # a listener that is refused adds none
      { name: a, port: 80, protocol: HTTP }, { name: b, port: 81, protocol: HTTP } | gw.80:10080
      # one that relays is left out while it has no route
      { name: a, port: 80, protocol: HTTP }, { name: b, port: 9000, protocol: TCP } | gw.80:10080
      { name: a, port: 80, protocol: HTTP }, { name: b, port: 443, protocol: TLS, tls: { mode: Passthrough } } | gw.80:10080
      """)
  void ports_come_from_listeners(String listeners, String expected) {
    assertThat(text(gateway("web", "listeners: [" + listeners + "]"))).isEqualTo(expected);
  }

  private static String text(String... yaml) {
    return PlannedCluster.listeners(new PlannedCluster(yaml).dataPlane());
  }

  @Test
  void certificates_are_shown_by_the_hostnames_of_their_listeners() {
    String listeners =
        String.join(
            ", ",
            tls("HTTPS", "", "{ name: one }, { name: two }"),
            tls("HTTPS", "a.test", "{ name: two }"),
            tls("HTTPS", "*.wild.test", "{ name: three }"));
    PlannedCluster cluster =
        new PlannedCluster(SECRETS, gateway("web", "listeners: [" + listeners + "]"));
    Listener listener = cluster.dataPlane().getFirst();
    assertThat(PlannedCluster.listeners(List.of(listener)))
        .isEqualTo("gw.443:10443 null/one null/two a.test/two **.wild.test/three");
    assertThat(listener.relaysTcp()).isFalse();
    assertThat(listener.tls().http2()).isTrue();
    assertThat(listener.tls().keys().getFirst().source()).isEqualTo("tls.crt of Secret shop/one");
  }

  @Test
  void where_two_gateways_have_a_hostname_the_certificates_of_the_older_count() {
    String older = "web, creationTimestamp: \"2026-01-01T00:00:00Z\"";
    String younger = "a, creationTimestamp: \"2026-01-02T00:00:00Z\"";
    assertThat(
            text(
                SECRETS,
                gateway(
                    younger,
                    "listeners: ["
                        + tls("HTTPS", "a.test", "{ name: two }")
                        + ", "
                        + tls("HTTPS", "b.test", "{ name: three }")
                        + "]"),
                gateway(older, "listeners: [" + tls("HTTPS", "a.test", "{ name: one }") + "]")))
        .isEqualTo("gw.443:10443 a.test/one b.test/three");
  }

  @Test
  void a_certificate_that_cannot_be_used_leaves_the_others() {
    String listeners = tls("HTTPS", "", "{ name: missing }, { name: two }");
    assertThat(text(SECRETS, gateway("web", "listeners: [" + listeners + "]")))
        .isEqualTo("gw.443:10443 null/two");
  }

  @Test
  void a_tcp_listener_leads_to_the_oldest_of_its_routes() {
    String web = gateway("web", "listeners: [{ name: a, port: 9000, protocol: TCP }]");
    String routes =
        route("TCPRoute", "young", "02", "rules: []") + route("TCPRoute", "old", "01", "rules: []");
    assertThat(text(web + routes)).isEqualTo("gw.9000:9000 old");
    assertThat(
            new PlannedCluster(web + routes)
                .dataPlane(route -> route.key().name().equals("old") ? null : new PoolId("young")))
        .as("a route without a pool refuses all, and leaves them to no other")
        .isEmpty();
  }

  /** Clients are told by the end of a connection, not by a port that refuses them. */
  @Test
  void names_that_lead_nowhere_keep_the_port_open() {
    String tls = "{ name: a, port: 443, protocol: TLS, tls: { mode: Passthrough } }";
    PlannedCluster cluster =
        new PlannedCluster(
            gateway("web", "listeners: [" + tls + "]")
                + route("TLSRoute", "lost", "01", "hostnames: [a.test], rules: []"));
    assertThat(PlannedCluster.listeners(cluster.dataPlane(route -> null)))
        .isEqualTo("gw.443:10443 a.test=null");
  }

  /** Hostnames of listeners, of an older route, and of a younger one. */
  @Rows(
      """
      # names lead to the pools of their routes
                      | a.test, "*.b.test"    |               | a.test=old **.b.test=old
      "*.test"        | a.test                |               | a.test=old **.test=null
      "*.test"        | "*.test"              |               | **.test=old
      "*.a.test"      | "*.test"              |               | **.a.test=old
      # of two routes with one name the older counts
      "*.test"        | a.test                | a.test, b.test | a.test=old b.test=young **.test=null
      # a listener's names are not for routes of another one, where it has a route and where not
      "*.test", a.test | "*.test"             |               | **.test=old a.test=old
      """)
  void server_names_lead_to_pools(
      @Nullable String listeners, String older, @Nullable String younger, String names) {
    StringBuilder entries = new StringBuilder();
    for (String each : listeners == null ? new String[] {""} : listeners.split(", ")) {
      entries
          .append("{ name: l")
          .append(entries.length())
          .append(each.isEmpty() ? "" : ", hostname: " + each)
          .append(", port: 443, protocol: TLS, tls: { mode: Passthrough } }, ");
    }
    String routes = route("TLSRoute", "old", "01", "hostnames: [" + older + "]");
    if (younger != null) {
      routes += route("TLSRoute", "young", "02", "hostnames: [" + younger + "]");
    }
    assertThat(text(gateway("web", "listeners: [" + entries + "]") + routes))
        .isEqualTo("gw.443:10443 " + names);
  }

  @Test
  void the_names_of_a_listener_belong_to_no_route_of_a_wider_one() {
    String listeners =
        """
        listeners: [
          { name: any, port: 443, protocol: TLS, tls: { mode: Passthrough } },
          { name: wild, port: 443, protocol: TLS, hostname: "*.a.test", tls: { mode: Passthrough } },
          { name: exact, port: 443, protocol: TLS, hostname: x.a.test, tls: { mode: Passthrough } }]
        """;
    String routes =
        """
        ---
        kind: TLSRoute
        metadata: { name: all }
        spec: { parentRefs: [{ name: web, sectionName: any }], hostnames: ["*.test", "y.a.test", "x.a.test"] }
        ---
        kind: TLSRoute
        metadata: { name: some }
        spec: { parentRefs: [{ name: web, sectionName: wild }], hostnames: ["z.a.test", "x.a.test"] }
        """;
    assertThat(text(gateway("web", listeners) + routes))
        .isEqualTo("gw.443:10443 **.test=all z.a.test=some **.a.test=null x.a.test=null");
  }

  @Test
  void a_name_whose_route_has_no_pool_is_closed() {
    PlannedCluster cluster =
        new PlannedCluster(
            gateway(
                    "web",
                    "listeners: [{ name: a, port: 443, protocol: TLS, tls: { mode: Passthrough }"
                        + " }]")
                + route("TLSRoute", "broken", "02", "hostnames: [a.b.test]")
                + route("TLSRoute", "wide", "01", "hostnames: [\"*.test\"]"));
    assertThat(
            PlannedCluster.listeners(
                cluster.dataPlane(
                    route -> route.key().name().equals("broken") ? null : new PoolId("wide"))))
        .isEqualTo("gw.443:10443 **.test=wide a.b.test=null");
  }

  @Test
  void a_route_without_hostnames_takes_all_names_of_a_listener_without_one() {
    String web =
        gateway(
            "web",
            "listeners: [{ name: a, port: 443, protocol: TLS, tls: { mode: Passthrough } }]");
    assertThat(text(web + route("TLSRoute", "all", "01", "rules: []")))
        .isEqualTo("gw.443:10443 all");
  }

  @Test
  void tls_that_ends_here_is_relayed_by_server_names() {
    String listeners =
        tls("TLS", "a.test", "{ name: one }") + ", " + tls("TLS", "*.b.test", "{ name: two }");
    assertThat(
            text(
                SECRETS,
                gateway("web", "listeners: [" + listeners + "]")
                    + route("TLSRoute", "x", "01", "hostnames: [a.test, c.b.test]")))
        .isEqualTo("gw.443:10443 a.test=x c.b.test=x **.b.test=null a.test/one **.b.test/two");
  }

  /** Listeners by their names: h of HTTPS, t of TLS that ends here, p of TLS that is relayed. */
  private static String sharing(String listeners, @Nullable String routes) {
    StringBuilder yaml = new StringBuilder();
    for (String each : listeners.split(" ")) {
      String[] parts = each.split("=");
      String mode =
          switch (parts[0].charAt(0)) {
            case 'h' -> "HTTPS, tls: { certificateRefs: [{ name: one }] }";
            case 't' -> "TLS, tls: { certificateRefs: [{ name: two }] }";
            default -> "TLS, tls: { mode: Passthrough }";
          };
      yaml.append("{ name: %s, port: 443, protocol: %s".formatted(parts[0], mode))
          .append(parts.length == 1 ? "" : ", hostname: \"" + parts[1] + "\"")
          .append(" }, ");
    }
    StringBuilder all = new StringBuilder(SECRETS);
    all.append(gateway("web", "listeners: [" + yaml + "]"));
    int age = 1;
    for (String each : routes == null ? new String[0] : routes.split(" ")) {
      String[] parts = each.split("=");
      all.append(
          """
          ---
          kind: %s
          metadata: { name: %s, creationTimestamp: "2026-01-0%dT00:00:00Z" }
          spec: { parentRefs: [{ name: web, sectionName: %s }], hostnames: [%s] }
          """
              .formatted(
                  parts[0].startsWith("h") ? "HTTPRoute" : "TLSRoute",
                  parts[0] + age,
                  age++,
                  parts[0],
                  parts.length == 1 ? "" : "\"" + parts[1] + "\""));
    }
    return text(all.toString());
  }

  @Rows(
      """
      # a listener's hostname says what its names are for, those of TLS without a route are closed
      h=a.test p=b.test           | p=b.test                       | b.test=PASSTHROUGH(p1) a.test=HTTP *=CLOSED a.test/one
      h=a.test p=b.test           |                                | a.test=HTTP b.test=CLOSED *=CLOSED a.test/one
      h=a.test t=b.test p=c.test  | t=b.test p=c.test              | b.test=TERMINATED(t1) c.test=PASSTHROUGH(p2) a.test=HTTP *=CLOSED a.test/one b.test/two
      t=a.test p=b.test           | t=a.test p=b.test              | a.test=TERMINATED(t1) b.test=PASSTHROUGH(p2) *=CLOSED a.test/two
      # the most specific hostname has a name, whatever the other protocol's routes say
      h=a.x.test p=*.x.test       | p=a.x.test p=*.x.test          | **.x.test=PASSTHROUGH(p2) a.x.test=HTTP *=CLOSED a.x.test/one
      h=*.x.test p=a.x.test       | p=a.x.test h=a.x.test h=*.test | a.x.test=PASSTHROUGH(p1) **.x.test=HTTP *=CLOSED **.x.test/one
      # a listener without a hostname has the names of its routes, and all others if a route has no name
      h p=b.test                  | p=b.test h=a.test              | b.test=PASSTHROUGH(p1) a.test=HTTP *=CLOSED null/one
      h p=b.test                  | h p=b.test                     | b.test=PASSTHROUGH(p2) *=HTTP null/one
      h=a.test p                  | p=*.b.test                     | **.b.test=PASSTHROUGH(p1) a.test=HTTP *=CLOSED a.test/one
      h=a.test p                  | p=a.test                       | a.test=HTTP *=CLOSED a.test/one
      """)
  void names_of_tls_that_share_a_port_are_told_apart(
      String listeners, @Nullable String routes, String uses) {
    assertThat(sharing(listeners, routes)).isEqualTo("gw.443:10443 " + uses);
  }

  /** As Gateways of one port do that were not made for one another. */
  @Rows(
      """
      h1=a.test p2=b.test       | a.test=HTTP b.test=PASSTHROUGH(p2) *=CLOSED null/one
      h1=a.test p2=a.test       | a.test=HTTP *=CLOSED null/one
      p1=a.test h2=a.test       | a.test=PASSTHROUGH(p1) *=CLOSED null/one
      h1 p2=*.a.test            | **.a.test=PASSTHROUGH(p2) *=HTTP null/one
      """)
  void without_hostnames_the_older_route_has_a_name(String routes, String uses) {
    StringBuilder all = new StringBuilder(SECRETS);
    all.append(
        gateway(
            "h, creationTimestamp: \"2026-01-01T00:00:00Z\"",
            "listeners: [" + tls("HTTPS", "", "{ name: one }") + "]"));
    all.append(
        gateway(
            "p, creationTimestamp: \"2026-01-02T00:00:00Z\"",
            "listeners: [{ name: a, port: 443, protocol: TLS, tls: { mode: Passthrough } }]"));
    for (String each : routes.split(" ")) {
      String[] parts = each.split("=");
      all.append(
          """
          ---
          kind: %s
          metadata: { name: %s, creationTimestamp: "2026-01-0%sT00:00:00Z" }
          spec: { parentRefs: [{ name: %s }], hostnames: [%s] }
          """
              .formatted(
                  parts[0].startsWith("h") ? "HTTPRoute" : "TLSRoute",
                  parts[0],
                  parts[0].substring(1),
                  parts[0].substring(0, 1),
                  parts.length == 1 ? "" : "\"" + parts[1] + "\""));
    }
    assertThat(text(all.toString())).isEqualTo("gw.443:10443 " + uses);
  }

  /** As Gateways of one port do that were not made for one another, beside one of HTTPS. */
  @Test
  void gateways_of_narrower_and_wider_hostnames_share_a_port() {
    StringBuilder all = new StringBuilder(SECRETS);
    all.append(gateway("base", "listeners: [" + tls("HTTPS", "", "{ name: one }") + "]"));
    String[] hostnames = {"abc.x.test", "*.x.test", "*.test", null};
    String[][] routes = {
      {"*.x.test=a"},
      {"abc.x.test=a", "*.test=b"},
      {"abc.x.test=a", "*.x.test=b"},
      {"abc.x.test=a", "*.test=b"}
    };
    for (int i = 0; i < hostnames.length; i++) {
      String hostname = hostnames[i] == null ? "" : ", hostname: \"" + hostnames[i] + "\"";
      all.append(
          gateway(
              "g" + i,
              "listeners: [{ name: a, port: 443, protocol: TLS, tls: { mode: Passthrough }"
                  + hostname
                  + " }]"));
      for (String each : routes[i]) {
        String[] parts = each.split("=");
        all.append(
            """
            ---
            kind: TLSRoute
            metadata: { name: %s-%d }
            spec: { parentRefs: [{ name: g%d }], hostnames: ["%s"] }
            """
                .formatted(parts[1], i, i, parts[0]));
      }
    }
    assertThat(text(all.toString()))
        .isEqualTo(
            "gw.443:10443 abc.x.test=PASSTHROUGH(a-0) **.x.test=PASSTHROUGH(b-1) **.test=CLOSED"
                + " *=CLOSED null/one");
  }

  @Test
  void listeners_of_two_gateways_are_merged() {
    String one = "listeners: [{ name: a, port: 9000, protocol: TCP }]";
    assertThat(
            text(
                gateway("web", one)
                    + gateway("other", one)
                    + route("TCPRoute", "t", "01", "rules: []")))
        .isEqualTo("gw.9000:9000 t");
  }

  @Test
  void secrets_that_did_not_change_are_read_once() {
    SecretKeys secrets = new SecretKeys();
    String web = gateway("web", "listeners: [" + tls("HTTPS", "", "{ name: one }") + "]");
    var first = keys(secrets, SECRETS, web);
    assertThat(keys(secrets, SECRETS, web)).isSameAs(first);
    String renewed = secret("one");
    assertThat(keys(secrets, renewed, web)).isNotSameAs(first).isNotEqualTo(first);
  }

  private static Object keys(SecretKeys secrets, String... yaml) {
    return new PlannedCluster(PlannedCluster.SETTINGS, secrets, yaml)
        .dataPlane()
        .getFirst()
        .tls()
        .keys()
        .getFirst()
        .key();
  }
}
