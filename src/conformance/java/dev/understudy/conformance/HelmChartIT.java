package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
import dev.understudy.deploy.Manifests;
import dev.understudy.scenario.KubernetesApi;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The chart gives what the manifests are, and what its values promise. */
class HelmChartIT {
  private static final JsonMapper JSON = new JsonMapper();

  /** What Helm adds to each object. */
  private static final Set<String> CHART_LABELS =
      Set.of(
          "app.kubernetes.io/instance",
          "app.kubernetes.io/managed-by",
          "app.kubernetes.io/version",
          "helm.sh/chart");

  /**
   * API groups that the API server of this profile, 1.20, has not: younger ones, and those of
   * extensions.
   */
  private static final Set<String> NOT_SERVED =
      Set.of(
          "policy/v1",
          "autoscaling/v2",
          "gateway.networking.k8s.io/v1",
          "monitoring.coreos.com/v1");

  @TempDir private Path folder;

  private HelmChart chart(String overrides) throws Exception {
    return new HelmChart(Files.createTempDirectory(folder, "chart"), overrides);
  }

  private Map<String, JsonNode> render(String overrides) throws Exception {
    return chart(overrides).render("understudy", "understudy");
  }

  private static JsonNode pod(Map<String, JsonNode> objects) {
    return objects.get("Deployment/understudy").at("/spec/template/spec");
  }

  private static JsonNode settings(Map<String, JsonNode> objects) {
    return Manifests.parse(
            objects.get("ConfigMap/understudy").at("/data/application.yaml").asString())
        .get(0);
  }

  /** Without what only the chart adds, and with the files of a ConfigMap parsed. */
  private static JsonNode comparable(JsonNode object) {
    JsonNode copy = object.deepCopy();
    removeLabels(copy);
    if (copy.at("/spec/template/metadata/annotations") instanceof ObjectNode annotations) {
      annotations.remove("checksum/application");
    }
    if (copy.path("data") instanceof ObjectNode data) {
      data.propertyNames().stream()
          .toList()
          .forEach(name -> data.set(name, Manifests.parse(data.path(name).asString()).get(0)));
    }
    return copy;
  }

  /** By kind and name, but for the namespace, which {@code --create-namespace} makes. */
  private static Map<String, JsonNode> comparable(Collection<JsonNode> objects) {
    Map<String, JsonNode> comparable = new TreeMap<>();
    for (JsonNode object : objects) {
      if (!object.path("kind").asString().equals("Namespace")) {
        comparable.put(
            object.path("kind").asString() + "/" + object.at("/metadata/name").asString(),
            comparable(object));
      }
    }
    return comparable;
  }

  private static void removeLabels(JsonNode node) {
    if (node instanceof ObjectNode object) {
      CHART_LABELS.forEach(object::remove);
    }
    node.forEach(HelmChartIT::removeLabels);
  }

  @Test
  void helm_has_nothing_to_complain_of() throws Exception {
    assertThat(chart("").lint())
        .noneMatch(line -> line.contains("[ERROR]") || line.contains("[WARNING]"))
        .doesNotContain("[FAILED]");
  }

  @Test
  void default_values_give_the_manifests() throws Exception {
    assertThat(comparable(render("").values()))
        .containsExactlyInAnyOrderEntriesOf(comparable(Manifests.resources("kubernetes")));
  }

  @Test
  void exposed_the_chart_gives_the_component_of_the_manifests() throws Exception {
    Map<String, JsonNode> rendered =
        comparable(
            render(
                    """
                    gateway: |
                      listeners: { pg: { port: 5432, pool: pg } }
                      pools: { pg: { servers: { one: { url: "tcp://pg" } } } }
                    service:
                      type: LoadBalancer
                      loadBalancerClass: example.com/internal
                      loadBalancerSourceRanges: [203.0.113.0/24]
                    ingress:
                      enabled: true
                      hosts: [shop.example.com]
                      tls: [{ secretName: shop-tls, hosts: [shop.example.com] }]
                    httpRoute:
                      enabled: true
                      parentRefs: [{ name: public, namespace: gateways }]
                      hostnames: [shop.example.com]
                    tcpRoutes: { pg: [{ name: public, namespace: gateways, sectionName: postgresql }] }
                    """)
                .values());
    Map<String, JsonNode> manifests = comparable(Manifests.resources("kubernetes", "exposed"));
    // The component has no gateway.yaml.
    rendered.remove("ConfigMap/understudy");
    manifests.remove("ConfigMap/understudy");

    assertThat(rendered).containsExactlyInAnyOrderEntriesOf(manifests);
  }

  @Test
  void the_gateway_api_gives_the_component_of_the_manifests() throws Exception {
    Map<String, JsonNode> rendered = comparable(render("gatewayApi: { enabled: true }").values());
    Map<String, JsonNode> manifests = comparable(Manifests.resources("kubernetes", "gateway-api"));
    // The component sets by variables what the chart writes into application.yaml.
    for (String each : List.of("ConfigMap/understudy", "Deployment/understudy")) {
      assertThat(rendered.remove(each)).isNotEqualTo(manifests.remove(each));
    }

    assertThat(rendered).containsExactlyInAnyOrderEntriesOf(manifests);
  }

  @Test
  void the_gateway_api_is_set_in_the_configuration_of_the_chart() throws Exception {
    Map<String, JsonNode> objects =
        render(
            """
            gatewayApi: { enabled: true, controllerName: a.example/b, namespaces: [shop], ports: { "25": 9025 },
              secrets: [certificates], configMaps: ["*"], ingress: { enabled: true, ingressClass: mine, default: true } }
            application: { understudy: { agreement: { mode: standalone } } }
            """);
    assertThat(settings(objects).at("/understudy/gateway-api"))
        .isEqualTo(
            JSON.readTree(
                """
                { "enabled": true, "controller-name": "a.example/b", "namespaces": ["shop"], "secrets": ["certificates"],
                  "ports": { "25": 9025, "80": 9080, "443": 9443 }, "service": "understudy", "ingress": true }
                """));
    assertThat(pod(objects).path("automountServiceAccountToken").asBoolean(false)).isTrue();
    assertThat(objects.get("GatewayClass/understudy").at("/spec/controllerName").asString())
        .isEqualTo("a.example/b");
    JsonNode ingressClass = objects.get("IngressClass/mine");
    assertThat(ingressClass.at("/spec/controller").asString()).isEqualTo("a.example/b");
    assertThat(ingressClass.at("/metadata/annotations").toString())
        .isEqualTo("{\"ingressclass.kubernetes.io/is-default-class\":\"true\"}");
  }

  @Test
  void a_main_listener_with_another_port_stays_beside_those_of_gateways() throws Exception {
    Map<String, JsonNode> objects =
        render(
            "{ gatewayApi: { enabled: true }, service: { port: 8080 }, tls: { secretName: t } }");
    assertThat(objects.get("Service/understudy").at("/spec/ports"))
        .extracting(port -> port.path("port").asInt() + " " + port.path("targetPort").asString())
        .containsExactly("8080 http", "443 9443", "80 9080");
    assertThatThrownBy(
            () -> render("{ gatewayApi: { enabled: true }, ingress: { enabled: true } }"))
        .hasMessageContaining("port 80 of the Service is that of gatewayApi.ports.80");
    assertThatThrownBy(() -> render("gatewayApi: { enabled: true, ports: { '81': 8080 } }"))
        .hasMessageContaining("other than 8080, which is that of application.server.port");
  }

  @Test
  void further_services_are_as_the_first_one_with_ports_of_their_own() throws Exception {
    Map<String, JsonNode> objects =
        render(
            """
            service: { type: LoadBalancer, annotations: { of: main } }
            gatewayApi:
              enabled: true
              services:
                - { name: second, ports: { "80": 9081, "443": 9444 }, annotations: { of: second } }
                - { name: third, ports: { "80": 9082 } }
            """);
    assertThat(settings(objects).at("/understudy/gateway-api/services"))
        .isEqualTo(
            JSON.readTree(
                """
                { "understudy-second": { "80": 9081, "443": 9444 }, "understudy-third": { "80": 9082 } }
                """));
    JsonNode main = objects.get("Service/understudy");
    JsonNode second = objects.get("Service/understudy-second");
    assertThat(second.at("/spec/ports"))
        .extracting(port -> port.path("port").asInt() + " " + port.path("targetPort").asInt())
        .containsExactly("443 9444", "80 9081");
    assertThat(second.at("/metadata/annotations").toString()).isEqualTo("{\"of\":\"second\"}");
    assertThat(second.at("/metadata/labels")).isEqualTo(main.at("/metadata/labels"));
    for (String each : List.of("type", "selector")) {
      assertThat(second.path("spec").path(each)).isEqualTo(main.path("spec").path(each));
    }
    assertThat(objects.get("Service/understudy-third").path("metadata").has("annotations"))
        .isFalse();
    assertThat(objects.get("NetworkPolicy/understudy").at("/spec/ingress/0/ports"))
        .extracting(port -> port.path("port").asString())
        .contains("9080", "9081", "9082", "9443", "9444");
    assertThatThrownBy(
            () ->
                render(
                    "gatewayApi: { enabled: true, services: [{ name: b, ports: { '80': 9443 } }]"
                        + " }"))
        .hasMessageContaining(
            "gatewayApi.services[0].ports.80: expected a port to listen on other than 9443, which"
                + " is that of gatewayApi.ports.443");
  }

  @Test
  void further_services_are_a_list_and_have_names_of_their_own() throws Exception {
    assertThatThrownBy(() -> render("gatewayApi: { enabled: true, services: null }"))
        .hasMessageContaining("/gatewayApi/services': got null, want array");
    assertThatThrownBy(
            () ->
                render(
                    """
                    gatewayApi: { enabled: true, services: [
                      { name: b, ports: { "80": 9081 } }, { name: b, ports: { "80": 9082 } }] }
                    """))
        .hasMessageContaining("gatewayApi.services[1].name: expected each name only once, found b");
  }

  /** Values, and the rights on Secrets, routes and Services by namespace; * is the cluster. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {} | *[gatewayclasses, gatewayclasses/status, namespaces, httproutes, services]
          { secrets: ["*"] } | *[gatewayclasses, gatewayclasses/status, namespaces, httproutes, services, secrets]
          { secrets: [shop], configMaps: [shop] } | *[gatewayclasses, gatewayclasses/status, namespaces, httproutes, services] shop[configmaps, secrets]
          { ingress: { enabled: true } } | *[gatewayclasses, gatewayclasses/status, ingressclasses, namespaces, httproutes, services, ingresses, ingresses/status]
          { namespaces: [shop], ingress: { enabled: true } } | *[gatewayclasses, gatewayclasses/status, ingressclasses, namespaces] shop[httproutes, services, ingresses, ingresses/status] understudy[services]
          { namespaces: [shop] } | *[gatewayclasses, gatewayclasses/status, namespaces] shop[httproutes, services] understudy[services]
          { namespaces: [understudy], secrets: [understudy], roleLabels: true } | *[gatewayclasses, gatewayclasses/status, namespaces] understudy[httproutes, services, pods, secrets]
          """)
  void rights_are_those_of_what_is_on(String values, String expected) throws Exception {
    Set<String> of =
        Set.of(
            "gatewayclasses",
            "gatewayclasses/status",
            "namespaces",
            "httproutes",
            "ingressclasses",
            "ingresses",
            "ingresses/status",
            "services",
            "secrets",
            "configmaps",
            "pods");
    HelmChart chart =
        chart("gatewayApi: " + values.replaceFirst("\\{", "{ enabled: true,").replace(",}", "}"));
    String rights =
        Manifests.parse(chart.text("understudy", "understudy")).stream()
            .filter(object -> object.at("/metadata/name").asString().endsWith("gateway-api"))
            .filter(object -> object.path("kind").asString().endsWith("Role"))
            .map(
                role ->
                    role.at("/metadata/namespace").asString("*")
                        + role.path("rules")
                            .valueStream()
                            .flatMap(rule -> rule.path("resources").valueStream())
                            .map(JsonNode::asString)
                            .filter(of::contains)
                            .toList())
            .collect(java.util.stream.Collectors.joining(" "));
    assertThat(rights).isEqualTo(expected);
  }

  @Test
  void monitoring_gives_the_manifests_of_its_folder() throws Exception {
    Map<String, JsonNode> objects =
        render(
            """
            monitoring:
              serviceMonitor: { enabled: true }
              prometheusRule: { enabled: true }
              dashboard: { enabled: true }
            """);
    for (String file : List.of("servicemonitor.yaml", "prometheusrule.yaml")) {
      JsonNode manifest = Manifests.documents("monitoring/" + file).get(0);
      assertThat(comparable(objects.get(manifest.path("kind").asString() + "/understudy")))
          .isEqualTo(comparable(manifest));
    }
    JsonNode dashboard = objects.get("ConfigMap/understudy-dashboard");
    assertThat(JSON.readTree(dashboard.at("/data/grafana-dashboard.json").asString()))
        .isEqualTo(Manifests.json("monitoring/grafana-dashboard.json"));
    assertThat(dashboard.at("/metadata/labels/grafana_dashboard").asString()).isEqualTo("1");
  }

  @Test
  void replicas_that_decide_alone_need_no_rights_and_no_api() throws Exception {
    Map<String, JsonNode> objects =
        render("application: { understudy: { agreement: { mode: standalone } } }");
    assertThat(objects)
        .doesNotContainKeys(
            "Role/understudy", "RoleBinding/understudy", "Lease/understudy-records");
    assertThat(pod(objects).path("automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(pod(objects).at("/containers/0/env").findValuesAsString("name"))
        .containsExactly("UNDERSTUDY_ADMIN_TOKEN_FILE", "UNDERSTUDY_ZONE");
    assertThat(
            objects.get("NetworkPolicy/understudy").at("/spec/egress").findValuesAsString("port"))
        .doesNotContain("443", "6443");
    assertThat(settings(objects).at("/understudy/agreement/mode").asString())
        .isEqualTo("standalone");
  }

  private static final String ENDPOINTS =
      """
      gateway: |
        pools:
          near: { mode: balance, servers: { web: { url: "http+k8s://web:8080", count: 9 } } }
          far:
            servers:
              pg: { url: "tcp+k8s://pg.data:psql", count: 3, role-label: cnpg.io/instanceRole=primary }
      """;

  @ParameterizedTest
  @ValueSource(strings = {"kubernetes", "standalone"})
  void servers_from_the_cluster_bring_the_rights_to_find_and_to_reach_them(String mode)
      throws Exception {
    HelmChart chart =
        chart(ENDPOINTS + "application: { understudy: { agreement: { mode: " + mode + " } } }");
    Map<String, JsonNode> objects = chart.render("understudy", "understudy");
    // In two namespaces by one name.
    List<JsonNode> roles =
        Manifests.parse(chart.text("understudy", "understudy")).stream()
            .filter(object -> object.path("kind").asString().equals("Role"))
            .filter(object -> object.at("/metadata/name").asString().endsWith("-endpoints"))
            .toList();
    assertThat(roles)
        .extracting(
            role ->
                role.at("/metadata/namespace").asString()
                    + role.path("rules")
                        .valueStream()
                        .map(rule -> rule.at("/resources/0").asString())
                        .toList())
        .containsExactlyInAnyOrder("understudy[endpointslices]", "data[endpointslices, pods]");
    assertThat(pod(objects).path("automountServiceAccountToken").asBoolean(false)).isTrue();
    JsonNode egress = objects.get("NetworkPolicy/understudy").at("/spec/egress");
    assertThat(egress.findValuesAsString("port")).contains("443", "6443");
    assertThat(egress.findValuesAsString("kubernetes.io/metadata.name"))
        .contains("understudy", "data");
  }

  @Test
  void tls_has_a_listener_of_its_own_and_the_plain_one_stays_for_the_redirect() throws Exception {
    Map<String, JsonNode> objects = render("tls: { secretName: web-tls }");
    JsonNode settings = settings(objects);
    assertThat(settings.at("/server/port").asInt()).isEqualTo(8443);
    assertThat(settings.at("/understudy/http/port").asInt()).isEqualTo(8080);
    String bundle = settings.at("/server/ssl/bundle").asString();
    JsonNode keystore = settings.at("/spring/ssl/bundle/pem/" + bundle + "/keystore");
    JsonNode mount =
        pod(objects)
            .at("/containers/0/volumeMounts")
            .valueStream()
            .filter(each -> each.path("name").asString().equals("tls"))
            .findFirst()
            .orElseThrow();
    assertThat(keystore.path("certificate").asString())
        .isEqualTo("file:" + mount.path("mountPath").asString() + "/tls.crt");
    assertThat(keystore.path("private-key").asString())
        .isEqualTo("file:" + mount.path("mountPath").asString() + "/tls.key");
    assertThat(objects.get("Service/understudy").at("/spec/ports"))
        .extracting(port -> port.path("port").asInt() + " " + port.path("targetPort").asString())
        .containsExactly("80 http", "443 https");
    assertThat(pod(objects).at("/containers/0/ports"))
        .extracting(port -> port.path("containerPort").asInt() + " " + port.path("name").asString())
        .containsExactly("8080 http", "8443 https", "9090 management");
    assertThat(
            objects
                .get("NetworkPolicy/understudy")
                .at("/spec/ingress/0")
                .findValuesAsString("port"))
        .containsExactly("http", "https");
  }

  private static List<String> ports(JsonNode service) {
    return service
        .at("/spec/ports")
        .valueStream()
        .map(
            port ->
                "%s %s:%s"
                    .formatted(
                        port.path("name").asString(),
                        port.path("port").asString(),
                        port.path("targetPort").asString()))
        .toList();
  }

  private static List<String> portsOfClients(Map<String, JsonNode> objects) {
    return objects
        .get("NetworkPolicy/understudy")
        .at("/spec/ingress/0/ports")
        .findValuesAsString("port");
  }

  private static final String LISTENERS =
      """
      gateway: |
        listeners:
          pg: { port: 5432, pool: db }
          sni: { port: "9443", server-names: { a.example: db } }
          web: { port: 8443, tls: { certificates: [web.pem] } }
          plain: { port: 8081, address: "0.0.0.0" }
          local: { port: 8082, address: 127.0.0.1 }
          local6: { port: 8083, address: "::1" }
          any: { port: 0 }
        pools:
          db: { servers: { one: { url: "tcp://db:5432" } } }
      """;

  @Test
  void listeners_are_ports_of_the_service_and_of_the_policy_but_for_those_on_loopback()
      throws Exception {
    Map<String, JsonNode> objects = render(LISTENERS);
    assertThat(ports(objects.get("Service/understudy")))
        .containsExactly(
            "http 80:http",
            "tcp-pg 5432:5432",
            "http-plain 8081:8081",
            "tcp-sni 9443:9443",
            "https-web 8443:8443");
    assertThat(portsOfClients(objects)).containsExactly("http", "5432", "8081", "9443", "8443");
  }

  @Test
  void a_listener_has_another_port_of_the_service_or_none() throws Exception {
    Map<String, JsonNode> objects =
        render(LISTENERS + "service: { listenerPorts: { web: 8444, plain: 0, sni: 0 } }");
    assertThat(ports(objects.get("Service/understudy")))
        .containsExactly("http 80:http", "tcp-pg 5432:5432", "https-web 8444:8443");
    assertThat(portsOfClients(objects)).containsExactly("http", "5432", "8443");
  }

  @Test
  void a_new_listener_restarts_nothing() throws Exception {
    assertThat(render(LISTENERS).get("Deployment/understudy"))
        .isEqualTo(render("").get("Deployment/understudy"));
  }

  @ParameterizedTest
  @CsvSource({"'', http, 80", "'tls: { secretName: web-tls }', https, 443"})
  void an_ingress_and_a_gateway_lead_all_paths_to_the_service(String tls, String name, int port)
      throws Exception {
    Map<String, JsonNode> objects =
        render(
            """
            ingress:
              enabled: true
              className: nginx
              annotations: { a: b }
              hosts: [a.example, "*.b.example"]
              tls: [{ secretName: a-tls, hosts: [a.example] }]
            httpRoute:
              enabled: true
              parentRefs: [{ name: public, namespace: gateways, sectionName: https }]
              hostnames: [a.example]
            """
                + tls);
    JsonNode ingress = objects.get("Ingress/understudy");
    assertThat(ingress.at("/spec/ingressClassName").asString()).isEqualTo("nginx");
    assertThat(ingress.at("/metadata/annotations/a").asString()).isEqualTo("b");
    assertThat(ingress.at("/spec/tls/0/secretName").asString()).isEqualTo("a-tls");
    assertThat(ingress.at("/spec/rules"))
        .extracting(rule -> rule.path("host").asString())
        .containsExactly("a.example", "*.b.example");
    assertThat(ingress.at("/spec/rules"))
        .allSatisfy(
            rule ->
                assertThat(rule.at("/http/paths/0"))
                    .isEqualTo(
                        JSON.readTree(
                            """
                            {"path":"/","pathType":"Prefix","backend":{"service":
                             {"name":"understudy","port":{"name":"%s"}}}}
                            """
                                .formatted(name))));
    JsonNode route = objects.get("HTTPRoute/understudy").path("spec");
    assertThat(route.at("/parentRefs/0/sectionName").asString()).isEqualTo("https");
    assertThat(Manifests.texts(route.path("hostnames"))).containsExactly("a.example");
    assertThat(route.at("/rules/0/backendRefs/0"))
        .isEqualTo(JSON.readTree("{\"name\":\"understudy\",\"port\":" + port + "}"));
    assertThat(ports(objects.get("Service/understudy"))).contains(name + " " + port + ":" + name);
  }

  @Test
  void an_ingress_without_hosts_has_every_host() throws Exception {
    JsonNode rules =
        render("ingress: { enabled: true }").get("Ingress/understudy").at("/spec/rules");
    assertThat(rules).hasSize(1).noneMatch(rule -> rule.has("host"));
  }

  @Test
  void a_gateway_leads_tcp_to_the_port_that_a_listener_has_at_the_service() throws Exception {
    Map<String, JsonNode> objects =
        render(
            LISTENERS
                + """
                service: { listenerPorts: { sni: 443 } }
                tcpRoutes:
                  pg: [{ name: public, namespace: gateways, sectionName: postgresql }]
                  sni: [{ name: public, port: 443 }]
                """);
    assertThat(objects.get("TCPRoute/understudy-pg").path("apiVersion").asString())
        .isEqualTo("gateway.networking.k8s.io/v1");
    JsonNode route = objects.get("TCPRoute/understudy-pg").path("spec");
    assertThat(route.at("/parentRefs/0/sectionName").asString()).isEqualTo("postgresql");
    assertThat(route.at("/rules/0/backendRefs/0"))
        .isEqualTo(JSON.readTree("{\"name\":\"understudy\",\"port\":5432}"));
    assertThat(objects.get("TCPRoute/understudy-sni").at("/spec/rules/0/backendRefs/0/port"))
        .isEqualTo(JSON.readTree("443"));
  }

  @Test
  void a_load_balancer_has_its_class_and_the_networks_of_its_clients() throws Exception {
    JsonNode spec =
        render(
                """
                service:
                  type: LoadBalancer
                  loadBalancerClass: example.com/internal
                  loadBalancerSourceRanges: [203.0.113.0/24, "2001:db8::/32"]
                """)
            .get("Service/understudy")
            .path("spec");
    assertThat(spec.path("loadBalancerClass").asString()).isEqualTo("example.com/internal");
    assertThat(Manifests.texts(spec.path("loadBalancerSourceRanges")))
        .containsExactly("203.0.113.0/24", "2001:db8::/32");
  }

  @ParameterizedTest
  @CsvSource({
    "serviceMonitor, ServiceMonitor, endpoints, Service/understudy-management",
    "podMonitor, PodMonitor, podMetricsEndpoints, Deployment/understudy"
  })
  void each_monitor_selects_the_management_port(
      String value, String kind, String endpoints, String selected) throws Exception {
    Map<String, JsonNode> objects =
        render(
            "monitoring: { %s: { enabled: true, labels: { a: b }, tokenSecret: { name: s, key: k } } }"
                .formatted(value));
    JsonNode monitor = objects.get(kind + "/understudy");
    assertThat(monitor.at("/metadata/labels/a").asString()).isEqualTo("b");
    assertThat(monitor.at("/spec/" + endpoints + "/0"))
        .isEqualTo(
            JSON.readTree(
                """
                {"port":"management","path":"/actuator/prometheus","interval":"15s",
                 "authorization":{"credentials":{"name":"s","key":"k"}}}
                """));
    String labels =
        kind.equals("PodMonitor") ? "/spec/template/metadata/labels" : "/metadata/labels";
    assertThat(objects.get(selected).at(labels).properties())
        .containsAll(monitor.at("/spec/selector/matchLabels").properties());
    assertThat(objects.get(selected).findValuesAsString("name")).contains("management");
  }

  /** The peers of an egress rule: namespaces of pods, or addresses. */
  private static List<String> peers(JsonNode rule) {
    return rule.path("to")
        .valueStream()
        .map(
            peer -> {
              JsonNode namespace =
                  peer.at("/namespaceSelector/matchLabels/kubernetes.io~1metadata.name");
              return namespace.isMissingNode()
                  ? peer.path("ipBlock").path("cidr").asString("*")
                  : namespace.asString();
            })
        .toList();
  }

  private static final String ANYWHERE = "* 0.0.0.0/0 ::/0";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'pools: { a: { servers: { x: { url: \"http://app.prod.svc.cluster.local:80\" } } } }' |"
            + " prod",
        "'pools: { a: { servers: { x: { url: \"tcp://db-0.db.prod.svc:5432\" } } } }' | prod",
        "'pools: { a: { servers: { x: { url: \"http://app\" } } } }' | understudy",
        "'pools: { a: { servers: { x: { url: \"https://10.0.0.7\" } } } }' | 10.0.0.7/32",
        "'pools: { a: { servers: { x: { url: \"tls://[fd00::7]:5432\" } } } }' | fd00::7/128",
        "'pools: { a: { servers: { x: { url: \"http://app\", health-host: 10.0.0.8 } } } }' |"
            + " understudy 10.0.0.8/32",
        "'pools: { a: { health: { agent: { port: 1, host: h.prod.svc } }, servers: { x: { url:"
            + " \"http://app\" } } } }' | prod understudy",
        "'pools: { a: { servers: { x: { url: \"http+srv://_http._tcp.app.prod.svc.cluster.local\" }"
            + " } } }' | prod",
        "'pools: { a: { servers: { x: { url: \"http://app.example.com:80\" } } } }' | " + ANYWHERE,
        "'pools: { a: { servers: { x: { url: \"${URL:http://app.prod.svc}\" } } } }' | " + ANYWHERE,
        "'pools: { a: { servers: { x: { url: \"http://app.svc.example:80\" } } } }' | " + ANYWHERE,
        "'pools: {}\ndns: { servers: [\"10.0.0.10:53\"] }' | 10.0.0.10/32",
        "'pools: {}\nroutes: [{ id: a, uri: \"https://app.example.com\" }]' | " + ANYWHERE
      })
  void egress_is_to_the_servers_of_the_gateway_file(String gateway, String peers) throws Exception {
    JsonNode egress =
        render("gateway: " + JSON.writeValueAsString(gateway.replace("\\n", "\n")))
            .get("NetworkPolicy/understudy")
            .at("/spec/egress");
    assertThat(peers(egress.get(1))).containsExactly(peers.split(" ", -1));
    // At any port: a Service may lead to another one.
    assertThat(egress.get(1).has("ports")).isFalse();
  }

  @Test
  void anywhere_leaves_out_the_addresses_of_clouds_credentials() throws Exception {
    JsonNode rule =
        render("gateway: 'pools: { a: { servers: { x: { url: \"http://a.example\" } } } }'")
            .get("NetworkPolicy/understudy")
            .at("/spec/egress/1/to");
    assertThat(rule.findValues("except").toString())
        .isEqualTo("[[\"169.254.0.0/16\"], [\"fe80::/10\",\"fd00:ec2::/32\"]]");
  }

  /** An empty rule would be one that allows all. */
  @Test
  void without_servers_there_is_no_rule_for_them() throws Exception {
    assertThat(render("gateway: 'pools: {}'").get("NetworkPolicy/understudy").at("/spec/egress"))
        .hasSize(2)
        .allMatch(rule -> rule.has("ports"));
  }

  @Test
  void own_rules_are_instead_of_those_of_the_gateway_file() throws Exception {
    JsonNode egress =
        render(
                "networkPolicy: { servers: [{ ports: [{ port: 80 }], to: [{ ipBlock: { cidr:"
                    + " 10.0.0.0/8 } }] }] }")
            .get("NetworkPolicy/understudy")
            .at("/spec/egress");
    assertThat(egress.size()).isEqualTo(3);
    assertThat(peers(egress.get(1))).containsExactly("10.0.0.0/8");
  }

  @Test
  void egress_is_to_the_etcd_of_the_settings() throws Exception {
    JsonNode egress =
        render(
                """
                application:
                  understudy:
                    agreement:
                      mode: etcd
                      etcd: { urls: ["https://10.0.1.1:2379", "http://etcd.infra.svc:2379"] }
                """)
            .get("NetworkPolicy/understudy")
            .at("/spec/egress");
    assertThat(egress).hasSize(3);
    assertThat(peers(egress.get(2))).containsExactly("infra", "10.0.1.1/32");
  }

  @Test
  void notes_say_what_to_do_next_and_what_the_policy_lets_through() throws Exception {
    assertThat(chart("").notes("understudy", "edge"))
        .contains(
            "understudy " + version() + " serves in namespace edge as understudy.",
            "  http: 80\n",
            "  kubectl -n edge exec deployment/understudy -- java @/app/client.options status",
            "  kubectl -n edge port-forward deployment/understudy 9090\n",
            "create secret generic understudy-admin --from-file=token=FILE",
            """
            The NetworkPolicy lets the replicas connect to these only:
              - the cluster's DNS, kube-dns in kube-system (port 53)
              - the Kubernetes API (ports 443, 6443)
              - the pods of the namespace understudy, as gateway.yaml has servers there
            """,
            "To let more through: networkPolicy.extraEgress")
        .doesNotContain("WARNING", "Ingress");
    assertThat(
            chart(
                    LISTENERS
                        + """
                        tls: { secretName: web-tls }
                        service: { type: LoadBalancer }
                        ingress: { enabled: true }
                        httpRoute: { enabled: true, parentRefs: [{ name: g }], hostnames: [a.example] }
                        admin: { secretName: "" }
                        networkPolicy: { extraEgress: [{ ports: [{ port: 4318 }] }] }
                        """)
                .notes("understudy", "edge"))
        .contains(
            "at the Service understudy (LoadBalancer):\n  http: 80\n  https: 443\n  tcp-pg: 5432\n",
            "  Ingress: any host\n",
            "  HTTPRoute: a.example\n",
            "  - 1 of your own in networkPolicy.extraEgress\n",
            "WARNING: every request seems to come from the Ingress controller")
        .doesNotContain("create secret");
    assertThat(
            chart(
                    """
                    gateway: |
                      pools: { a: { servers: { x: { url: "http://10.0.0.7" }, y: { url: "${Y}" } } } }
                    application: { understudy: { agreement: { mode: etcd } } }
                    """)
                .notes("understudy", "edge"))
        .contains(
            "  - 10.0.0.7/32, as gateway.yaml names them\n",
            "  - anything but link-local addresses, as these servers of gateway.yaml may be"
                + " anywhere: ${Y}\n",
            "WARNING: the NetworkPolicy lets no replica reach etcd")
        .doesNotContain("Kubernetes API");
    assertThat(chart("networkPolicy: { enabled: false }").notes("understudy", "edge"))
        .doesNotContain("NetworkPolicy");
  }

  private static String version() {
    return Manifests.documents("helm/understudy/Chart.yaml").get(0).path("appVersion").asString();
  }

  @Test
  void the_image_is_that_of_the_charts_version_unless_a_tag_is_given() throws Exception {
    assertThat(pod(render("")).at("/containers/0/image").asString())
        .isEqualTo("understudy:" + version());
    assertThat(pod(render("image: { tag: v2 }")).at("/containers/0/image").asString())
        .isEqualTo("understudy:v2");
  }

  /** What the schema cannot say; each sentence names the value, and what was expected. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'service: { externalTrafficPolicy: Local }' | 'service.externalTrafficPolicy: expected"
            + " service.type NodePort or LoadBalancer with it, not ClusterIP'",
        "'service: { type: NodePort, loadBalancerClass: x }' | 'service.loadBalancerClass: expected"
            + " service.type LoadBalancer with it, not NodePort'",
        "'service: { loadBalancerSourceRanges: [10.0.0.0/8] }' | 'service.loadBalancerSourceRanges:"
            + " expected service.type LoadBalancer with it, not ClusterIP'",
        "'service: { listenerPorts: { pg: 1 } }' | 'service.listenerPorts.pg: gateway.yaml has no"
            + " listener pg, but: none'",
        "'httpRoute: { enabled: true }' | 'httpRoute.parentRefs: expected the Gateway, such as [{"
            + " name: public, namespace: gateways }]'",
        "'tcpRoutes: { pg: [{ name: public }] }' | 'tcpRoutes.pg: expected the name of a listener"
            + " that relays TCP, and of which the Service has a port, not one of its: none'",
        "'gateway: \"pools: {}\\nlisteners: { web: { port: 1 } }\"\n"
            + "tcpRoutes: { web: [{ name: public }] }' | 'tcpRoutes.web: expected the name of a"
            + " listener that relays TCP, and of which the Service has a port, not one of its:"
            + " http-web'",
        "'gateway: \"pools: {}\\nlisteners: { pg: { port: 1, pool: a } }\"\n"
            + "tcpRoutes: { pg: [] }' | 'tcpRoutes.pg: expected the Gateway, such as [{ name:"
            + " public, namespace: gateways, sectionName: pg }]'",
        "'monitoring: { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } }' |"
            + " 'monitoring.podMonitor.enabled: expected one of podMonitor and serviceMonitor'",
        "'gateway: \"pools: {\"' | 'gateway: expected the YAML of a gateway.yaml: '",
        "'gateway: \"pools: 1\"' | 'gateway: pools: expected a map by name, not 1'",
        "'gateway: \"pools: {}\\n"
            + "listeners: { pg: 1 }\"' | 'gateway: listeners.pg: expected a section, not 1'",
        "'gateway: \"pools: {}\\n"
            + "listeners: { pg: { port: \\\"${PG:1}\\\" } }\"' | 'gateway: listeners.pg.port:"
            + " expected a number from 1 to 65535, since Service and NetworkPolicy name it, not"
            + " \"${PG:1}\"'",
        "'gateway: \"pools: {}\\n"
            + "listeners: { a: { port: 80 } }\"' | 'service.listenerPorts.a: expected a port other"
            + " than 80, which is that of service.port'",
        "'gateway: \"pools: {}\\n"
            + "listeners: { a: { port: 81 }, b: { port: 81, address: 10.0.0.1 } }\"' |"
            + " 'service.listenerPorts.b: expected a port other than 81, which is that of the"
            + " listener a'"
      })
  void values_that_do_not_fit_each_other_are_refused_with_a_reason(String wrong, String message)
      throws Exception {
    HelmChart chart = chart(wrong);
    assertThatThrownBy(() -> chart.text("understudy", "understudy")).hasMessageContaining(message);
  }

  @Test
  void named_tokens_are_another_file_and_none_leaves_no_trace() throws Exception {
    JsonNode named =
        pod(render("admin: { secretName: ops, key: tokens.yaml }")).at("/containers/0/env/0");
    assertThat(named.path("name").asString()).isEqualTo("UNDERSTUDY_ADMIN_TOKENS_FILE");
    assertThat(named.path("value").asString()).isEqualTo("/run/secrets/understudy/tokens.yaml");

    JsonNode none = pod(render("admin: { secretName: \"\" }"));
    assertThat(none.at("/volumes"))
        .extracting(volume -> volume.path("name").asString())
        .containsExactly("config", "tmp");
    assertThat(none.at("/containers/0/env").findValuesAsString("name"))
        .doesNotContain("UNDERSTUDY_ADMIN_TOKEN_FILE", "UNDERSTUDY_ADMIN_TOKENS_FILE");
  }

  @Test
  void the_management_port_has_the_names_of_its_service_and_those_given() throws Exception {
    JsonNode hosts =
        settings(
                render(
                    """
                    admin: { hosts: [admin.example.com] }
                    application: { understudy: { admin: { reads: open, hosts: ["*.corp.example"] } } }
                    """))
            .at("/understudy/admin/hosts");
    assertThat(hosts.valueStream().map(JsonNode::asString))
        .startsWith("understudy-management")
        .contains(
            "understudy-management.understudy.svc",
            "understudy-management.understudy.svc.cluster.local")
        .endsWith("admin.example.com", "*.corp.example");
  }

  @Test
  void what_is_switched_off_is_not_there() throws Exception {
    Map<String, JsonNode> objects =
        render(
            """
            replicas: 1
            autoscaling: { enabled: false }
            podDisruptionBudget: { enabled: false }
            networkPolicy: { enabled: false }
            rbac: { create: false }
            serviceAccount: { create: false, name: mine }
            monitoring: { annotations: false }
            """);
    assertThat(objects.keySet())
        .containsExactly(
            "ConfigMap/understudy",
            "Deployment/understudy",
            "Lease/understudy-records",
            "Service/understudy",
            "Service/understudy-management");
    assertThat(pod(objects).path("serviceAccountName").asString()).isEqualTo("mine");
    assertThat(
            objects
                .get("Deployment/understudy")
                .at("/spec/template/metadata/annotations")
                .propertyNames())
        .containsExactly("checksum/application");
  }

  @Test
  void files_beside_the_gateway_file_are_mounted_with_it_and_restart_nothing() throws Exception {
    String page = "<p>\"Back soon\"\n  {{ soon }}</p>\n";
    Map<String, JsonNode> objects =
        render("files: { 503.html: " + JSON.writeValueAsString(page) + " }");
    assertThat(objects.get("ConfigMap/understudy").path("data").path("503.html").asString())
        .isEqualTo(page);
    assertThat(objects.get("Deployment/understudy"))
        .isEqualTo(render("").get("Deployment/understudy"));
  }

  @Test
  void a_volume_of_extensions_is_mounted_where_the_setting_says() throws Exception {
    JsonNode pod = pod(render("extensions: { persistentVolumeClaim: { claimName: jars } }"));
    assertThat(pod.path("volumes"))
        .contains(
            JSON.readTree(
                "{\"name\": \"extensions\", \"persistentVolumeClaim\": {\"claimName\":"
                    + " \"jars\"}}"));
    assertThat(pod.at("/containers/0/volumeMounts"))
        .contains(
            JSON.readTree(
                "{\"name\": \"extensions\", \"mountPath\": \"/app/extensions\", \"readOnly\":"
                    + " true}"));
    assertThat(pod.at("/containers/0/env"))
        .contains(
            JSON.readTree("{\"name\": \"UNDERSTUDY_EXTENSIONS\", \"value\": \"/app/extensions\"}"));
  }

  /** YAML would take each of them for a number, a truth value or nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"503", "01", "0x1F", "1e3", "1_000", "on", "true", "null", "-"})
  void the_name_of_a_file_is_text_whatever_it_looks_like(String name) throws Exception {
    HelmChart chart = chart("files: { \"" + name + "\": x }");
    assertThat(chart.text("understudy", "understudy").lines())
        .contains("  \"" + name + "\": \"x\"");
  }

  /** Kubernetes and Helm allow digits alone. */
  @Test
  void names_are_text_whatever_they_look_like() throws Exception {
    HelmChart chart =
        chart(
            """
            fullnameOverride: "1e3"
            nameOverride: "503"
            priorityClassName: "504"
            admin: { secretName: "505" }
            tls: { secretName: "506" }
            serviceAccount: { name: "507" }
            networkPolicy: { monitoringNamespace: "508" }
            monitoring:
              serviceMonitor: { enabled: true, tokenSecret: { name: "509", key: "510" } }
              prometheusRule: { enabled: true }
              dashboard: { enabled: true }
            """);
    assertThat(chart.text("601", "602").lines())
        .noneMatch(line -> line.matches(".*: (1e3|50[3-9]|510|60[12])"));
  }

  @Test
  void more_egress_and_another_spread_change_those_rules_alone() throws Exception {
    Map<String, JsonNode> objects =
        render(
            """
            networkPolicy:
              extraEgress: [{ ports: [{ port: 2379 }], to: [{ ipBlock: { cidr: 10.0.1.0/24 } }] }]
            topologySpread: { zone: DoNotSchedule, node: ScheduleAnyway }
            """);
    JsonNode egress = objects.get("NetworkPolicy/understudy").at("/spec/egress");
    assertThat(egress.size())
        .isEqualTo(render("").get("NetworkPolicy/understudy").at("/spec/egress").size() + 1);
    assertThat(egress.get(egress.size() - 1))
        .isEqualTo(
            JSON.readTree(
                "{\"ports\":[{\"port\":2379}],\"to\":[{\"ipBlock\":{\"cidr\":\"10.0.1.0/24\"}}]}"));
    assertThat(
            pod(objects).path("topologySpreadConstraints").findValuesAsString("whenUnsatisfiable"))
        .containsExactly("DoNotSchedule", "ScheduleAnyway");
  }

  @Test
  void without_an_autoscaler_the_number_of_replicas_is_the_charts() throws Exception {
    JsonNode spec =
        render("{ replicas: 2, autoscaling: { enabled: false } }")
            .get("Deployment/understudy")
            .path("spec");
    assertThat(spec.path("replicas").asInt()).isEqualTo(2);
    assertThat(render("").get("Deployment/understudy").path("spec").has("replicas")).isFalse();
  }

  @Test
  void settings_of_a_chart_are_bound_as_those_of_a_file() throws Exception {
    JsonNode settings =
        settings(
            render(
                """
                application:
                  understudy:
                    tracing: on
                    proxy-protocol: on
                  management.opentelemetry.tracing.export.otlp.endpoint: http://c:4318/v1/traces
                """));
    // YAML's "on" is a boolean to Helm; so it is to Spring, which takes it for an enum's ON.
    assertThat(settings.at("/understudy/tracing").asBoolean(false)).isTrue();
    assertThat(settings.at("/understudy/agreement/mode").asString()).isEqualTo("kubernetes");
    assertThat(settings.path("management.opentelemetry.tracing.export.otlp.endpoint").asString())
        .isEqualTo("http://c:4318/v1/traces");
  }

  @Test
  void another_gateway_file_is_mounted_as_it_is_and_restarts_nothing() throws Exception {
    String routes = Files.readString(Path.of("config/sense.yaml"));
    Map<String, JsonNode> objects = render("gateway: " + JSON.writeValueAsString(routes));
    String mounted = objects.get("ConfigMap/understudy").at("/data/gateway.yaml").asString();

    assertThat(Manifests.parse(mounted)).isEqualTo(Manifests.parse(routes));
    assertThat(
            new ConfigLoader(RouteChecker.NONE)
                .load(Path.of("gateway.yaml"), mounted.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(LoadResult.Loaded.class);
    assertThat(objects.get("Deployment/understudy"))
        .isEqualTo(render("").get("Deployment/understudy"));
  }

  @Test
  void a_changed_static_setting_restarts_the_pods() throws Exception {
    assertThat(
            render("application: { understudy: { drain: { delay: 9s } } }")
                .get("Deployment/understudy"))
        .isNotEqualTo(render("").get("Deployment/understudy"));
  }

  @Test
  void a_second_release_in_the_namespace_shares_nothing_with_the_first() throws Exception {
    Map<String, JsonNode> first = render("");
    Map<String, JsonNode> second = chart("").render("other", "understudy");
    assertThat(second.keySet()).doesNotContainAnyElementsOf(first.keySet());
    JsonNode settings =
        settings(Map.of("ConfigMap/understudy", second.get("ConfigMap/other-understudy")));
    assertThat(settings.at("/understudy/agreement/name").asString()).isEqualTo("other-understudy");
    assertThat(second.get("Lease/other-understudy-records").at("/metadata/labels"))
        .isEqualTo(labelsOfLeases("other-understudy", first));
    JsonNode selector = second.get("Service/other-understudy").at("/spec/selector");
    assertThat(second.get("Deployment/other-understudy").at("/spec/template/metadata/labels"))
        .isEqualTo(selector);
    assertThat(selector).isNotEqualTo(first.get("Service/understudy").at("/spec/selector"));
  }

  /** Those of the first release's, for an installation of another name. */
  private static JsonNode labelsOfLeases(String installation, Map<String, JsonNode> first) {
    ObjectNode labels =
        (ObjectNode) first.get("Lease/understudy-records").at("/metadata/labels").deepCopy();
    assertThat(labels.path("app.kubernetes.io/managed-by").asString()).isEqualTo("understudy");
    assertThat(labels.path("app.kubernetes.io/instance").asString()).isEqualTo("understudy");
    return labels.put("app.kubernetes.io/instance", installation);
  }

  @Test
  void the_owner_of_the_records_has_the_name_of_the_settings() throws Exception {
    Map<String, JsonNode> objects =
        render("application: { understudy: { agreement: { name: shop } } }");
    assertThat(objects.get("Lease/shop-records").at("/metadata/labels/app.kubernetes.io~1instance"))
        .hasToString("\"shop\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replicas: 0",
        "imagee: { tag: x }",
        "image: { pullPolicy: Sometimes }",
        "image: { repository: 'registry.example/understudy:1.0.0' }",
        "image: { repository: '' }",
        "application: { understudy: { agreement: { mode: raft } } }",
        "application: { server: { port: eighty } }",
        "gateway: \"\"",
        "gateway: { pools: {} }",
        "admin: { key: other }",
        "service: { type: ExternalName }",
        "monitoring: { serviceMonitor: { interval: 15 } }",
        "files: { gateway.yaml: x }",
        "files: { a/b: x }",
        "files: { application.yml: x }",
        "files: { application.properties: x }",
        "files: { application-prod.yaml: x }",
        "files: { ..data: x }",
        "files: { .: x }",
        "networkPolicy: { extraEgress: [{ port: 2379 }] }",
        "networkPolicy: { servers: [{ port: 8080 }] }",
        "topologySpread: { node: Maybe }",
        "service: { listenerPorts: { pg: 70000 } }",
        "service: { loadBalancerSourceRanges: [10.0.0.1] }",
        "ingress: { hosts: [{ host: a.example }] }",
        "ingress: { hosts: [\"a.example/path\"] }",
        "ingress: { tls: [{ hosts: [a.example] }] }",
        "httpRoute: { hostnames: [\"*\"] }",
        "httpRoute: { parentRefs: [public] }",
        "tcpRoutes: { pg: public }",
        "tcpRoutes: { pg: [{ sectionName: pg }] }",
        "gatewayApi: { ports: { http: 9080 } }",
        "gatewayApi: { ports: { '81': 81 } }",
        "gatewayApi: { namespaces: [\"*\"] }",
        "gatewayApi: { secrets: all }",
        "gatewayApi: { ingress: { enabled: 1 } }",
        "monitoring: { podMonitor: { interval: 15 } }"
      })
  void a_wrong_value_is_refused_by_the_schema(String wrong) throws Exception {
    HelmChart chart = chart(wrong);
    assertThatThrownBy(() -> chart.render("understudy", "understudy"))
        .hasMessageContaining("don't meet the specifications of the schema")
        .hasMessageContaining(wrong.substring(0, wrong.indexOf(':')));
  }

  static List<String> variations() {
    return List.of(
        "",
        "tls: { secretName: web-tls }",
        "application: { understudy: { agreement: { mode: standalone } } }",
        "application: { understudy: { agreement: { mode: etcd, etcd: { urls: [http://etcd:2379] } }"
            + " } }",
        "service: { type: LoadBalancer, externalTrafficPolicy: Local, annotations: { a: b },"
            + " loadBalancerClass: a/b, loadBalancerSourceRanges: [10.0.0.0/8] }",
        LISTENERS + "service: { type: NodePort, listenerPorts: { web: 8444 } }",
        ENDPOINTS,
        "gatewayApi: { enabled: true, secrets: [\"*\"], roleLabels: true }",
        "gatewayApi: { enabled: true, ingress: { enabled: true, default: true } }",
        "gatewayApi: { enabled: true, crd: false, gatewayClass: \"\", namespaces: [shop],"
            + " configMaps: [shop] }",
        LISTENERS + "tcpRoutes: { pg: [{ name: g, sectionName: s }], sni: [{ name: g, port: 1 }] }",
        """
        ingress:
          enabled: true
          className: nginx
          annotations: { a: b }
          hosts: [a.example, "*.b.example"]
          tls: [{ secretName: a-tls, hosts: [a.example] }]
        httpRoute:
          enabled: true
          annotations: { a: b }
          parentRefs: [{ name: g, namespace: n, sectionName: s, port: 443, kind: Gateway }]
          hostnames: [a.example]
        monitoring:
          podMonitor: { enabled: true, labels: { a: b }, tokenSecret: { name: s, key: k } }
          prometheusRule: { enabled: true }
          dashboard: { enabled: true }
        """,
        "{ ingress: { enabled: true }, monitoring: { serviceMonitor: { enabled: true } } }",
        """
        gateway: |
          pools:
            a: { servers: { x: { url: "tls://[fd00::7]:1" }, y: { url: "tls://10.0.0.1:1" }, z: { url: "tls://${Z}:1" } } }
        """,
        """
        image: { repository: registry.example:5000/understudy, digest: "sha256:%s" }
        imagePullSecrets: [{ name: registry }]
        extraVolumes: [{ name: pages, configMap: { name: pages } }]
        extraVolumeMounts: [{ name: pages, mountPath: /etc/understudy, readOnly: true }]
        extraEnv: [{ name: TZ, value: UTC }]
        extensions: { image: { reference: registry.example/extensions:1 } }
        nodeSelector: { disk: fast }
        tolerations: [{ key: edge, operator: Exists }]
        podLabels: { team: web }
        podAnnotations: { note: x }
        priorityClassName: high
        affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } }
        files: { 503.html: "<p>Back soon</p>", "503": x, "on": x, application-down.html: x }
        networkPolicy: { extraEgress: [{ ports: [{ port: 4318 }] }] }
        admin: { secretName: ops, key: tokens.yaml }
        autoscaling: { enabled: false }
        replicas: 5
        """
            .formatted("0".repeat(64)));
  }

  @ParameterizedTest
  @MethodSource("variations")
  void linter_finds_nothing_in_a_variation(String overrides) throws Exception {
    assertThat(chart(overrides).lint())
        .noneMatch(line -> line.contains("[ERROR]") || line.contains("[WARNING]"))
        .doesNotContain("[FAILED]");
  }

  /** Strictly, unlike an API server, which drops what it does not know. */
  @Test
  void every_field_of_every_variation_is_one_of_its_kind() throws Exception {
    for (String overrides : variations()) {
      for (JsonNode object : render(overrides).values()) {
        KubernetesKinds.check(object);
      }
    }
    JsonNode misspelt = render("").get("Service/understudy");
    ((ObjectNode) misspelt.path("spec")).put("loadBalancerclass", "x");
    assertThatThrownBy(() -> KubernetesKinds.check(misspelt))
        .hasMessageContaining("Unrecognized field \"loadBalancerclass\"");
  }

  /** A real one, which validates, defaults and admits, and keeps nothing. */
  @Test
  void the_api_server_accepts_every_variation() throws Exception {
    try (KubernetesApi api = KubernetesApi.start(folder.resolve("api"))) {
      api.createNamespace("understudy");
      for (String overrides : variations()) {
        for (JsonNode object : render(overrides).values()) {
          if (!NOT_SERVED.contains(object.path("apiVersion").asString())) {
            api.admin("POST", collection(object) + "?dryRun=All", object.toString());
          }
        }
      }
    }
  }

  /** Helm's own installation, into a real API server; nothing runs there. */
  @Test
  void an_upgrade_keeps_the_autoscalers_number_of_replicas() throws Exception {
    try (KubernetesApi api = KubernetesApi.start(folder.resolve("api"))) {
      api.createNamespace("understudy");
      HelmChart chart = chart("podDisruptionBudget: { enabled: false }");
      chart.fit(api);
      String deployment = "/apis/apps/v1/namespaces/understudy/deployments/understudy";
      chart.install(api, "understudy", "understudy");
      JsonNode installed = JSON.readTree(api.admin("GET", deployment, ""));
      // The API's default; the autoscaler then has its minimum.
      assertThat(installed.at("/spec/replicas").asInt()).isOne();

      ((ObjectNode) installed.path("spec")).put("replicas", 5);
      api.admin("PUT", deployment, installed.toString());
      chart.upgrade(api, "understudy", "understudy", "autoscaling.enabled", "false");
      assertThat(replicas(api, deployment)).isEqualTo(3);
      // From a number of the chart's to the autoscaler: not by way of 1.
      chart.upgrade(api, "understudy", "understudy", "autoscaling.enabled", "true");
      assertThat(replicas(api, deployment)).isEqualTo(3);

      installed = JSON.readTree(api.admin("GET", deployment, ""));
      ((ObjectNode) installed.path("spec")).put("replicas", 6);
      api.admin("PUT", deployment, installed.toString());
      chart.upgrade(api, "understudy", "understudy", "image.tag", "v2");
      JsonNode upgraded = JSON.readTree(api.admin("GET", deployment, ""));
      assertThat(upgraded.at("/spec/replicas").asInt()).isEqualTo(6);
      assertThat(upgraded.at("/spec/template/spec/containers/0/image").asString())
          .isEqualTo("understudy:v2");
    }
  }

  private static int replicas(KubernetesApi api, String deployment) throws Exception {
    return JSON.readTree(api.admin("GET", deployment, "")).at("/spec/replicas").asInt();
  }

  private static String collection(JsonNode object) {
    String version = object.path("apiVersion").asString();
    String plural =
        switch (object.path("kind").asString()) {
          case "NetworkPolicy" -> "networkpolicies";
          case "Ingress" -> "ingresses";
          case "IngressClass" -> "ingressclasses";
          case "CustomResourceDefinition" -> "customresourcedefinitions";
          default -> object.path("kind").asString().toLowerCase(java.util.Locale.ROOT) + "s";
        };
    return (version.contains("/") ? "/apis/" : "/api/")
        + version
        + (object.path("metadata").has("namespace") ? "/namespaces/understudy/" : "/")
        + plural;
  }
}
