package dev.understudy.gatewayapi.translate;

import static dev.understudy.gatewayapi.translate.PlannedCluster.gateway;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.pool.Listener;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which of several Services a Gateway has. Names of Gateways are in the order of their age. */
class ServiceChoiceTest {
  private static final String OTHERS =
      """
      ---
      { kind: Service, metadata: { name: second, namespace: infra }, spec: { clusterIP: 10.0.0.2 } }
      ---
      { kind: Service, metadata: { name: third, namespace: infra }, spec: { clusterIP: 10.0.0.3 } }
      """;

  private static final String MAIN = "192.0.2.1";
  private static final String SECOND = "10.0.0.2";
  private static final String THIRD = "10.0.0.3";

  private static final GatewaySettings SETTINGS =
      new GatewaySettings(
          "understudy.dev/gateway",
          List.of(
              PlannedCluster.SETTINGS.main(),
              service("second", Map.of(80, 11080, 443, 11443)),
              service("third", Map.of(80, 12080, 8080, 12088))));

  private static final String HTTP = "listeners: [{ name: l, port: 80, protocol: HTTP }]";

  private static PublishedService service(String name, Map<Integer, Integer> ports) {
    return new PublishedService(new ObjectKey("infra", name), name, ports);
  }

  private static PlannedCluster cluster(String... yaml) {
    return new PlannedCluster(SETTINGS, new SecretKeys(), OTHERS + String.join("", yaml));
  }

  private static PlannedCluster next(ServiceChoice services, String... yaml) {
    return new PlannedCluster(SETTINGS, new SecretKeys(), services, OTHERS + String.join("", yaml));
  }

  private static List<String> addresses(PlannedCluster cluster, String gateway) {
    return cluster.gateway(gateway).addresses().stream().map(Address::value).toList();
  }

  private static String having(String name, String address, String spec) {
    return gateway(name, spec)
        .replace(
            " }\n",
            ", status: { addresses: [{ type: IPAddress, value: %s }] } }\n".formatted(address));
  }

  @Test
  void each_has_one_of_its_own_as_long_as_there_is_one() {
    PlannedCluster cluster = cluster(gateway("a", HTTP), gateway("b", HTTP), gateway("c", HTTP));
    assertThat(addresses(cluster, "a")).containsExactly(MAIN);
    assertThat(addresses(cluster, "b")).containsExactly(SECOND);
    assertThat(addresses(cluster, "c")).containsExactly(THIRD);
    assertThat(cluster.dataPlane())
        .extracting(Listener::id, Listener::port)
        .containsExactly(
            tuple("gw.80", 10080), tuple("gw.80-second", 11080), tuple("gw.80-third", 12080));
  }

  @Test
  void the_one_that_the_fewest_have_is_shared() {
    PlannedCluster cluster =
        cluster(
            gateway("a", HTTP),
            gateway("b", HTTP),
            gateway("c", HTTP),
            gateway("d", HTTP),
            gateway("e", HTTP));
    assertThat(addresses(cluster, "d")).containsExactly(MAIN);
    assertThat(addresses(cluster, "e")).containsExactly(SECOND);
  }

  @Test
  void only_those_with_all_its_ports_count() {
    String both =
        "listeners: [{ name: l, port: 80, protocol: HTTP }, { name: m, port: 8080, protocol: HTTP"
            + " }]";
    PlannedCluster cluster = cluster(gateway("a", both), gateway("b", both));
    assertThat(addresses(cluster, "a")).containsExactly(THIRD);
    assertThat(addresses(cluster, "b")).containsExactly(THIRD);
  }

  @Test
  void a_port_that_none_has_is_refused_with_those_of_the_first() {
    PlannedCluster cluster =
        cluster(gateway("a", "listeners: [{ name: l, port: 81, protocol: HTTP }]"));
    assertThat(cluster.gateway("a").listeners().getFirst().conditions())
        .contains(
            StatusCondition.no(
                "Accepted",
                "PortUnavailable",
                "Port 81 is not open here; these are: 80, 443, 9000."));
  }

  @Test
  void it_has_the_addresses_that_it_asks_for() {
    String asking = "addresses: [{ type: IPAddress, value: 10.0.0.3 }], " + HTTP;
    PlannedCluster cluster =
        cluster(gateway("a", HTTP), having("b", SECOND, asking), gateway("c", asking));
    assertThat(addresses(cluster, "b")).containsExactly(THIRD);
    assertThat(addresses(cluster, "c")).containsExactly(THIRD);
  }

  @Test
  void an_address_of_another_one_is_not_usable_beside_it() {
    String asking =
        "addresses: [{ type: IPAddress, value: 10.0.0.9 }, { type: IPAddress, value: 10.0.0.2 }], ";
    PlannedCluster cluster = cluster(gateway("a", asking + HTTP));
    assertThat(addresses(cluster, "a")).containsExactly(SECOND);
    assertThat(cluster.gateway("a").conditions())
        .contains(
            StatusCondition.no(
                "Programmed",
                "AddressNotUsable",
                "Address 10.0.0.9 cannot be used: Service infra/second has no such address."));
  }

  @Test
  void it_keeps_what_it_has_whatever_becomes_of_others() {
    PlannedCluster alone = cluster(having("b", SECOND, HTTP));
    assertThat(addresses(alone, "b")).containsExactly(SECOND);
    PlannedCluster beside = cluster(gateway("a", HTTP), having("b", MAIN, HTTP));
    assertThat(addresses(beside, "a")).containsExactly(SECOND);
    assertThat(addresses(beside, "b")).containsExactly(MAIN);
  }

  /** The status is written later, and by one replica alone. */
  @Test
  void it_keeps_what_it_had_while_its_status_does_not_say() {
    ServiceChoice services = new ServiceChoice(SETTINGS);
    assertThat(addresses(next(services, gateway("b", HTTP)), "b")).containsExactly(MAIN);
    PlannedCluster both = next(services, gateway("a", HTTP), gateway("b", HTTP));
    assertThat(addresses(both, "b")).containsExactly(MAIN);
    assertThat(addresses(both, "a")).containsExactly(SECOND);
    PlannedCluster shown = next(services, gateway("a", HTTP), having("b", THIRD, HTTP));
    assertThat(addresses(shown, "b")).containsExactly(THIRD);
    assertThat(addresses(shown, "a")).containsExactly(SECOND);
  }

  @Test
  void what_it_has_is_nothing_once_no_service_has_it() {
    assertThat(addresses(cluster(having("a", "10.9.9.9", HTTP)), "a")).containsExactly(MAIN);
  }

  /** As k3s has it, where every load balancer has the addresses of all nodes. */
  @Test
  void where_services_share_an_address_it_keeps_its_own() {
    GatewaySettings settings =
        new GatewaySettings(
            "understudy.dev/gateway",
            List.of(
                PlannedCluster.SETTINGS.main(), service("shared", Map.of(5432, 15432, 80, 11080))));
    String shared =
        "---\n"
            + "{ kind: Service, metadata: { name: shared, namespace: infra }, spec: { clusterIP:"
            + " 192.0.2.1 } }\n";
    String tcp = "listeners: [{ name: l, port: 5432, protocol: TCP }]";
    ServiceChoice services = new ServiceChoice(settings);
    for (String b : List.of(gateway("b", HTTP), having("b", MAIN, HTTP))) {
      PlannedCluster cluster =
          new PlannedCluster(settings, new SecretKeys(), services, shared, gateway("a", HTTP), b);
      assertThat(cluster.dataPlane())
          .extracting(Listener::id)
          .containsExactly("gw.80", "gw.80-shared");
    }
    // With another port it is where that port is, in this replica as in one that has started since.
    for (ServiceChoice each : List.of(services, new ServiceChoice(settings))) {
      PlannedCluster edited =
          new PlannedCluster(settings, new SecretKeys(), each, shared + having("a", MAIN, tcp));
      assertThat(edited.gateway("a").listeners().getFirst().conditions())
          .contains(StatusCondition.yes("Accepted"));
    }
  }

  @Test
  void one_without_an_address_comes_last_and_strangers_before_neighbours() {
    String later = OTHERS.replace("10.0.0.2", "None");
    PlannedCluster pending =
        new PlannedCluster(
            SETTINGS, new SecretKeys(), later + gateway("a", HTTP) + gateway("b", HTTP));
    assertThat(addresses(pending, "b")).containsExactly(THIRD);
    PlannedCluster neighbours =
        cluster(
            having("a, namespace: other", MAIN, HTTP),
            having("b", SECOND, HTTP),
            having("c", SECOND, HTTP),
            having("d, namespace: other", THIRD, HTTP),
            gateway("e", HTTP));
    assertThat(addresses(neighbours, "e")).containsExactly(SECOND);
  }

  @Test
  void one_that_asks_for_what_nobody_has_is_at_the_first_in_every_replica() {
    String asking = "addresses: [{ type: IPAddress, value: 10.9.9.9 }], " + HTTP;
    PlannedCluster cluster = cluster(gateway("a", HTTP), gateway("b", asking));
    assertThat(cluster.dataPlane())
        .extracting(Listener::id)
        .containsExactly("gw.80", "gw.80-second");
    assertThat(cluster.gateway("b").conditions())
        .contains(
            StatusCondition.no(
                "Programmed",
                "AddressNotUsable",
                "Address 10.9.9.9 cannot be used: Service infra/understudy has no such address."));
    assertThat(addresses(cluster, "a")).containsExactly(SECOND);
    ServiceChoice kept = new ServiceChoice(SETTINGS);
    assertThat(addresses(next(kept, having("b", SECOND, HTTP)), "b")).containsExactly(SECOND);
    assertThat(next(kept, gateway("b", asking)).dataPlane())
        .extracting(Listener::id)
        .containsExactly("gw.80");
  }

  @Test
  void a_hostname_belongs_to_one_namespace_at_all_services() {
    String spec = "listeners: [{ name: l, port: 80, protocol: HTTP, hostname: %s }]";
    PlannedCluster cluster =
        cluster(
            gateway("a, namespace: other", spec.formatted("\"*.a.test\"")),
            gateway("b", spec.formatted("x.a.test")),
            gateway("c", spec.formatted("b.test")));
    assertThat(cluster.gateway("b").listeners().getFirst().conditions())
        .contains(
            new StatusCondition(
                "Conflicted",
                true,
                "HostnameConflict",
                "Port 80 has this hostname in the older Gateway other/a of another namespace."));
    assertThat(cluster.gateway("c").listeners().getFirst().conditions())
        .contains(StatusCondition.no("Conflicted", "NoConflicts", ""));
  }

  @Test
  void those_of_different_addresses_never_conflict() {
    PlannedCluster cluster =
        cluster(
            gateway("a", HTTP),
            gateway("b", "listeners: [{ name: l, port: 80, protocol: TCP }]"),
            gateway("c, namespace: other", HTTP));
    for (String each : List.of("a", "b")) {
      assertThat(cluster.gateway(each).listeners().getFirst().conditions())
          .contains(StatusCondition.no("Conflicted", "NoConflicts", ""));
    }
  }
}
