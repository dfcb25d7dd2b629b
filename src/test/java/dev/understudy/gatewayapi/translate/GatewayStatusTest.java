package dev.understudy.gatewayapi.translate;

import static dev.understudy.gatewayapi.translate.PlannedCluster.gateway;
import static dev.understudy.gatewayapi.translate.PlannedCluster.secret;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Gateways and GatewayClasses as a whole. */
class GatewayStatusTest {
  private static final String HTTP = "listeners: [{ name: a, port: 80, protocol: HTTP }]";

  @Rows(
      """
      # a Gateway whose listeners all serve is accepted
      [{ name: a, port: 80, protocol: HTTP }] | ok
      # with one that serves and one that does not it is accepted too, for that reason
      [{ name: a, port: 80, protocol: HTTP }, { name: b, port: 81, protocol: HTTP }] | Accepted(ListenersNotValid) Programmed ResolvedRefs
      [{ name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: UDP }] | Accepted(ListenersNotValid) Programmed ResolvedRefs
      # with none that serves it is not
      [{ name: b, port: 81, protocol: HTTP }] | !Accepted(ListenersNotValid) !Programmed(Invalid) ResolvedRefs
      [{ name: b, port: 80, protocol: UDP }] | !Accepted(ListenersNotValid) !Programmed(Invalid) ResolvedRefs
      [{ name: a, port: 80, protocol: HTTP }, { name: b, port: 80, protocol: TCP }] | !Accepted(ListenersNotValid) !Programmed(Invalid) ResolvedRefs
      [] | !Accepted(ListenersNotValid) !Programmed(Invalid) ResolvedRefs
      # it tells whether the references of all listeners are resolved
      [{ name: a, port: 80, protocol: HTTP, allowedRoutes: { kinds: [{ kind: HTTPRoute }, { kind: X }] } }] | Accepted Programmed !ResolvedRefs(ListenersNotResolved)
      [{ name: a, port: 80, protocol: HTTP }, { name: b, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: x }] } }] | Accepted(ListenersNotValid) Programmed !ResolvedRefs(ListenersNotResolved)
      """)
  void conditions_follow_from_the_listeners(String listeners, String conditions) {
    PlannedCluster cluster = new PlannedCluster(gateway("web", "listeners: " + listeners));
    assertThat(PlannedCluster.conditions(cluster.gateway("web").conditions()))
        .isEqualTo(conditions);
  }

  @Rows(
      """
      # parameters of the infrastructure are not supported
      infrastructure: { parametersRef: { group: a, kind: B, name: c } } | !Accepted(InvalidParameters) !Programmed(Invalid) ResolvedRefs | a: Accepted !Programmed(Invalid) ResolvedRefs
      infrastructure: { labels: { a: b } } | ok | a: ok
      # nor is a certificate towards servers, without which the Gateway goes on
      tls: { backend: { clientCertificateRef: { name: cert } } } | Accepted Programmed !ResolvedRefs(InvalidClientCertificateRef) | a: ok
      # an address of an unknown type refuses the Gateway
      addresses: [{ type: example.com/x, value: y }, { value: 192.0.2.1 }] | !Accepted(UnsupportedAddress) !Programmed(Invalid) ResolvedRefs | a: Accepted !Programmed(Invalid) ResolvedRefs
      """)
  void what_is_unsupported_is_refused(String spec, String conditions, String listeners) {
    PlannedCluster cluster = new PlannedCluster(gateway("web", spec + ", " + HTTP));
    Report.OfGateway report = cluster.gateway("web");
    assertThat(PlannedCluster.conditions(report.conditions())).isEqualTo(conditions);
    assertThat(PlannedCluster.text(report.listeners())).isEqualTo(listeners);
    assertThat(cluster.plan.listeners()).hasSize(listeners.equals("a: ok") ? 1 : 0);
  }

  @Test
  void certificates_of_clients_are_refused_where_https_is_served() {
    PlannedCluster cluster =
        new PlannedCluster(
            secret("cert"),
            gateway(
                "web",
                """
                tls: { frontend: { default: { validation: { caCertificateRefs: [{ kind: ConfigMap, group: "", name: ca }] } } } },
                listeners: [
                  { name: a, port: 80, protocol: HTTP },
                  { name: b, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: cert }] } }]
                """));
    assertThat(PlannedCluster.text(cluster.gateway("web").listeners()))
        .isEqualTo("a: ok; b: !Accepted(UnsupportedValue) !Programmed(Invalid) ResolvedRefs");
  }

  @Rows(
      """
      # a Gateway has all addresses of the Service
      ip: 192.0.2.1 }, { hostname: lb.example.com }, { ip: "2001:db8::1" | [] | Programmed | IPAddress 192.0.2.1, Hostname lb.example.com, IPAddress 2001:db8::1
      # or those that it asks for
      ip: 192.0.2.1 }, { ip: 192.0.2.2 | [{ value: 192.0.2.2 }] | Programmed | IPAddress 192.0.2.2
      ip: 192.0.2.1 }, { hostname: lb.example.com | [{ type: Hostname, value: lb.example.com }] | Programmed | Hostname lb.example.com
      # an empty value stands for any of the type
      ip: 192.0.2.1 }, { hostname: lb.example.com | [{ type: Hostname }] | Programmed | Hostname lb.example.com
      ip: 192.0.2.1 | [{ type: Hostname }] | !Programmed(AddressNotAssigned) |
      # one that the Service does not have cannot be used
      ip: 192.0.2.1 | [{ value: 192.0.2.9 }, { value: 192.0.2.1 }] | !Programmed(AddressNotUsable) | IPAddress 192.0.2.1
      ip: 192.0.2.1 | [{ type: Hostname, value: 192.0.2.1 }] | !Programmed(AddressNotUsable) |
      """)
  void addresses_are_those_of_the_service(
      String ingress, String wanted, String programmed, @Nullable String assigned) {
    Report.OfGateway report =
        of(
            PlannedCluster.SETTINGS,
            """
            kind: Service
            metadata: { name: understudy, namespace: infra }
            status: { loadBalancer: { ingress: [{ %s }] } }
            """
                .formatted(ingress),
            gateway("web", "addresses: " + wanted + ", " + HTTP));
    assertThat(PlannedCluster.conditions(report.conditions()))
        .isEqualTo(
            programmed.equals("Programmed") ? "ok" : "Accepted " + programmed + " ResolvedRefs");
    assertThat(PlannedCluster.addresses(report.addresses()))
        .isEqualTo(assigned == null ? "" : assigned);
    assertThat(PlannedCluster.text(report.listeners())).isEqualTo("a: ok");
  }

  private static Report.OfGateway of(GatewaySettings settings, String... yaml) {
    return new PlannedCluster(settings, new SecretKeys(), yaml).gateway("web");
  }

  @Test
  void without_a_service_or_its_address_a_gateway_is_not_programmed() {
    GatewaySettings unset = PlannedCluster.settings(null, Map.of(80, 80));
    GatewaySettings missing =
        PlannedCluster.settings(new ObjectKey("infra", "other"), Map.of(80, 80));
    assertThat(programmed(of(unset, gateway("web", HTTP))))
        .isEqualTo(
            StatusCondition.no(
                "Programmed",
                "AddressNotAssigned",
                "No address is assigned: no Service is set whose addresses Gateways have."));
    assertThat(programmed(of(missing, gateway("web", HTTP))))
        .isEqualTo(
            StatusCondition.no(
                "Programmed",
                "AddressNotAssigned",
                "No address is assigned: Service infra/other has no such address."));
  }

  private static StatusCondition programmed(Report.OfGateway report) {
    return report.conditions().get(1);
  }

  @Test
  void a_class_of_another_controller_and_its_gateways_are_left_alone() {
    PlannedCluster cluster =
        new PlannedCluster(
            "{ kind: GatewayClass, metadata: { name: theirs }, spec: { controllerName: x.io/y } }",
            "{ kind: Gateway, metadata: { name: web }, spec: { gatewayClassName: theirs, "
                + HTTP
                + " } }",
            "{ kind: Gateway, metadata: { name: other }, spec: { gatewayClassName: nobodys, "
                + HTTP
                + " } }");
    assertThat(cluster.plan.listeners()).isEmpty();
    assertThat(cluster.plan.reports(List.of())).hasSize(1);
    assertThat(cluster.report(ObjectKind.GATEWAY_CLASS, "ours")).isNotNull();
  }

  @Test
  void a_class_with_parameters_is_refused_with_its_gateways() {
    PlannedCluster cluster =
        new PlannedCluster(
            """
            kind: GatewayClass
            metadata: { name: ours }
            spec: { controllerName: understudy.dev/gateway, parametersRef: { group: a, kind: B, name: c } }
            """,
            gateway("web", HTTP));
    Report.OfClass report = (Report.OfClass) cluster.report(ObjectKind.GATEWAY_CLASS, "ours");
    assertThat(PlannedCluster.conditions(report.conditions()))
        .isEqualTo("!Accepted(InvalidParameters)");
    assertThat(PlannedCluster.conditions(cluster.gateway("web").conditions()))
        .isEqualTo("!Accepted(InvalidParameters) !Programmed(Invalid) ResolvedRefs");
    assertThat(cluster.plan.listeners()).isEmpty();
  }

  @Test
  void a_class_of_ours_is_accepted_and_tells_its_features_in_order() {
    Report.OfClass report =
        (Report.OfClass) new PlannedCluster().report(ObjectKind.GATEWAY_CLASS, "ours");
    assertThat(PlannedCluster.conditions(report.conditions())).isEqualTo("Accepted");
    assertThat(report.features())
        .isSorted()
        .doesNotHaveDuplicates()
        .contains("Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "BackendTLSPolicy")
        .doesNotContain("GatewayPort8080", "BackendTLSPolicySANValidation");
  }

  @Test
  void the_feature_of_port_8080_depends_on_the_ports() {
    GatewaySettings settings = PlannedCluster.settings(null, Map.of(8080, 1));
    PlannedCluster cluster = new PlannedCluster(settings, new SecretKeys());
    Report.OfClass report = (Report.OfClass) cluster.report(ObjectKind.GATEWAY_CLASS, "ours");
    assertThat(report.features()).isSorted().contains("GatewayPort8080");
  }
}
