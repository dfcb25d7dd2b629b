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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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

  /** API groups that are younger than the API server of this profile, 1.20. */
  private static final Set<String> TOO_YOUNG = Set.of("policy/v1", "autoscaling/v2");

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

  /** But for the namespace, which {@code helm install --create-namespace} makes. */
  @Test
  void default_values_give_the_manifests() throws Exception {
    Map<String, JsonNode> manifests = new TreeMap<>();
    for (JsonNode object : Manifests.resources("kubernetes")) {
      if (!object.path("kind").asString().equals("Namespace")) {
        manifests.put(
            object.path("kind").asString() + "/" + object.at("/metadata/name").asString(),
            comparable(object));
      }
    }
    Map<String, JsonNode> rendered = new TreeMap<>();
    render("").forEach((name, object) -> rendered.put(name, comparable(object)));

    assertThat(rendered.keySet()).isEqualTo(manifests.keySet());
    manifests.forEach((name, object) -> assertThat(rendered.get(name)).as(name).isEqualTo(object));
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
    assertThat(objects).doesNotContainKeys("Role/understudy", "RoleBinding/understudy");
    assertThat(pod(objects).path("automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(pod(objects).at("/containers/0/env").findValuesAsString("name"))
        .containsExactly("UNDERSTUDY_ADMIN_TOKEN_FILE");
    assertThat(
            objects.get("NetworkPolicy/understudy").at("/spec/egress").findValuesAsString("port"))
        .doesNotContain("443", "6443");
    assertThat(settings(objects).at("/understudy/agreement/mode").asString())
        .isEqualTo("standalone");
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
        .contains("understudy-management.understudy.svc", "understudy-management.understudy.svc.cluster.local")
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
    JsonNode selector = second.get("Service/other-understudy").at("/spec/selector");
    assertThat(second.get("Deployment/other-understudy").at("/spec/template/metadata/labels"))
        .isEqualTo(selector);
    assertThat(selector).isNotEqualTo(first.get("Service/understudy").at("/spec/selector"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replicas: 0",
        "imagee: { tag: x }",
        "image: { pullPolicy: Sometimes }",
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
        "topologySpread: { node: Maybe }"
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
        "service: { type: LoadBalancer, externalTrafficPolicy: Local, annotations: { a: b } }",
        """
        image: { repository: registry.example/understudy, digest: "sha256:%s" }
        imagePullSecrets: [{ name: registry }]
        extraVolumes: [{ name: pages, configMap: { name: pages } }]
        extraVolumeMounts: [{ name: pages, mountPath: /etc/understudy, readOnly: true }]
        extraEnv: [{ name: TZ, value: UTC }]
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

  /** A real one, which validates, defaults and admits, and keeps nothing. */
  @Test
  void the_api_server_accepts_every_variation() throws Exception {
    try (KubernetesApi api = KubernetesApi.start(folder.resolve("api"))) {
      api.createNamespace("understudy");
      for (String overrides : variations()) {
        for (JsonNode object : render(overrides).values()) {
          if (!TOO_YOUNG.contains(object.path("apiVersion").asString())) {
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
      // What this API server is too old for.
      chart.replace("templates/deployment.yaml", "          nodeTaintsPolicy: Honor\n", "");
      chart.replace(
          "templates/deployment.yaml", "          matchLabelKeys: [pod-template-hash]\n", "");
      chart.replace(
          "templates/horizontalpodautoscaler.yaml", "autoscaling/v2", "autoscaling/v2beta2");
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
          default -> object.path("kind").asString().toLowerCase(java.util.Locale.ROOT) + "s";
        };
    return (version.contains("/") ? "/apis/" : "/api/")
        + version
        + "/namespaces/understudy/"
        + plural;
  }
}
