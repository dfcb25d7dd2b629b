package dev.understudy.deploy;

import static dev.understudy.deploy.Manifests.one;
import static dev.understudy.deploy.Manifests.resources;
import static dev.understudy.deploy.Manifests.texts;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.convert.DurationStyle;
import tools.jackson.databind.JsonNode;

/** The manifests agree with the program and with each other. */
class KubernetesTest {
  private static final String FOLDER = "kubernetes";
  private static final String NAMESPACE = "understudy";

  private final JsonNode deployment = one(FOLDER, "Deployment", "understudy");
  private final JsonNode pod = deployment.at("/spec/template/spec");
  private final JsonNode container = pod.at("/containers/0");
  private final JsonNode configMap = one(FOLDER, "ConfigMap", "understudy");
  private final JsonNode settings =
      Manifests.parse(configMap.at("/data/application.yaml").asString()).get(0);
  private final JsonNode gateway =
      Manifests.parse(configMap.at("/data/gateway.yaml").asString()).get(0);

  private JsonNode port(String name) {
    for (JsonNode port : container.path("ports")) {
      if (port.path("name").asString().equals(name)) {
        return port.path("containerPort");
      }
    }
    throw new AssertionError("no port " + name);
  }

  private static Map<String, String> map(JsonNode node) {
    Map<String, String> map = new TreeMap<>();
    node.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asString()));
    return map;
  }

  @ParameterizedTest
  @ValueSource(strings = {"kubernetes", "monitoring", "example"})
  void every_manifest_is_in_the_kustomization(String folder) {
    List<String> manifests =
        Manifests.files(folder).stream()
            .filter(name -> !name.equals("kustomization.yaml") && !name.contains(".rules."))
            .toList();

    assertThat(texts(Manifests.documents(folder + "/kustomization.yaml").get(0).path("resources")))
        .containsExactlyInAnyOrderElementsOf(manifests);
  }

  @Test
  void every_object_is_in_the_namespace() {
    assertThat(resources(FOLDER))
        .filteredOn(object -> !object.path("kind").asString().equals("Namespace"))
        .allSatisfy(
            object -> assertThat(object.at("/metadata/namespace").asString()).isEqualTo(NAMESPACE));
    assertThat(one(FOLDER, "Namespace", NAMESPACE)).isNotNull();
  }

  @Test
  void container_ports_are_those_of_the_settings_and_the_image() {
    assertThat(port("http").asInt()).isEqualTo(settings.at("/server/port").asInt());
    assertThat(port("management").asInt())
        .isEqualTo(settings.at("/management/server/port").asInt());
    assertThat(DockerfileTest.dockerfile())
        .contains("EXPOSE " + port("http").asInt() + " " + port("management").asInt());
  }

  @ParameterizedTest
  @CsvSource({
    "startupProbe, /actuator/health/liveness",
    "livenessProbe, /actuator/health/liveness",
    "readinessProbe, /actuator/health/readiness"
  })
  void probes_ask_the_management_port(String probe, String path) {
    JsonNode get = container.path(probe).path("httpGet");

    assertThat(get.path("path").asString()).isEqualTo(path);
    assertThat(get.path("port").asString()).isEqualTo("management");
  }

  @Test
  void services_select_the_pods_and_name_their_ports() {
    Map<String, String> labels = map(deployment.at("/spec/template/metadata/labels"));
    for (String name : List.of("understudy", "understudy-management")) {
      JsonNode service = one(FOLDER, "Service", name).path("spec");
      assertThat(labels).containsAllEntriesOf(map(service.path("selector")));
      assertThat(port(service.at("/ports/0/targetPort").asString()).isInt()).isTrue();
    }
  }

  @Test
  void the_management_port_is_in_no_service_that_users_reach() {
    JsonNode ports = one(FOLDER, "Service", "understudy").at("/spec/ports");

    assertThat(ports.findValuesAsString("targetPort")).containsExactly("http");
  }

  @Test
  void all_selectors_select_the_pods() {
    Map<String, String> labels = map(deployment.at("/spec/template/metadata/labels"));

    assertThat(labels)
        .containsAllEntriesOf(map(deployment.at("/spec/selector/matchLabels")))
        .containsAllEntriesOf(
            map(one(FOLDER, "PodDisruptionBudget", "understudy").at("/spec/selector/matchLabels")))
        .containsAllEntriesOf(
            map(one(FOLDER, "NetworkPolicy", "understudy").at("/spec/podSelector/matchLabels")));
    for (JsonNode spread : pod.path("topologySpreadConstraints")) {
      assertThat(labels).containsAllEntriesOf(map(spread.at("/labelSelector/matchLabels")));
    }
  }

  @Test
  void replicas_spread_over_zones_and_nodes() {
    assertThat(pod.path("topologySpreadConstraints").findValuesAsString("topologyKey"))
        .containsExactlyInAnyOrder("topology.kubernetes.io/zone", "kubernetes.io/hostname");
  }

  @Test
  void a_rollout_never_takes_a_replica_away_first() {
    assertThat(deployment.at("/spec/replicas").asInt()).isEqualTo(2);
    assertThat(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable").asInt(-1)).isZero();
  }

  @Test
  void grace_is_longer_than_drain_and_shutdown_together() {
    String delay = settings.at("/understudy/drain/delay").asString();
    String phase = settings.at("/spring/lifecycle/timeout-per-shutdown-phase").asString();
    long needed =
        DurationStyle.detectAndParse(delay).plus(DurationStyle.detectAndParse(phase)).toSeconds();

    assertThat(pod.path("terminationGracePeriodSeconds").asLong()).isGreaterThan(needed);
  }

  @Test
  void the_pod_is_restricted() {
    JsonNode security = pod.path("securityContext");
    assertThat(security.path("runAsNonRoot").asBoolean()).isTrue();
    assertThat(security.at("/seccompProfile/type").asString()).isEqualTo("RuntimeDefault");
    assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();

    JsonNode own = container.path("securityContext");
    assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
    assertThat(own.path("readOnlyRootFilesystem").asBoolean()).isTrue();
    assertThat(texts(own.at("/capabilities/drop"))).containsExactly("ALL");
  }

  @Test
  void the_pod_runs_as_the_images_user() {
    JsonNode security = pod.path("securityContext");

    assertThat(DockerfileTest.dockerfile())
        .contains(
            "USER "
                + security.path("runAsUser").asInt()
                + ":"
                + security.path("runAsGroup").asInt()
                + "\n");
  }

  @Test
  void service_links_do_not_become_settings() {
    assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
  }

  @Test
  void the_service_account_is_the_pods_and_mounts_nothing() {
    JsonNode account = one(FOLDER, "ServiceAccount", pod.path("serviceAccountName").asString());

    assertThat(account.path("automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(resources(FOLDER).toString()).doesNotContain("rbac.authorization.k8s.io");
  }

  @Test
  void every_mounted_volume_exists() {
    assertThat(pod.path("volumes").findValuesAsString("name"))
        .containsAll(container.path("volumeMounts").findValuesAsString("name"));
    assertThat(pod.at("/volumes/0/configMap/name").asString())
        .isEqualTo(configMap.at("/metadata/name").asString());
  }

  @Test
  void the_settings_name_the_file_that_the_config_map_holds() {
    String file = settings.at("/understudy/config").asString();

    assertThat(DockerfileTest.dockerfile()).contains("WORKDIR /app\n");
    assertThat(container.at("/volumeMounts/0/mountPath").asString()).isEqualTo("/app/config");
    assertThat(file).isEqualTo("config/gateway.yaml");
    assertThat(configMap.path("data").has("gateway.yaml")).isTrue();
  }

  @Test
  void the_token_file_is_where_the_secret_is_mounted() {
    JsonNode variable = container.at("/env/1");

    assertThat(variable.path("name").asString()).isEqualTo("UNDERSTUDY_ADMIN_TOKEN_FILE");
    assertThat(variable.path("value").asString())
        .isEqualTo(container.at("/volumeMounts/1/mountPath").asString() + "/token");
  }

  @Test
  void the_image_is_the_one_that_the_kustomization_renames() {
    JsonNode image = Manifests.documents("kubernetes/kustomization.yaml").get(0).at("/images/0");

    assertThat(container.path("image").asString())
        .isEqualTo(image.path("name").asString() + ":" + image.path("newTag").asString());
  }

  @Test
  void the_autoscaler_keeps_at_least_two_of_the_deployment() {
    JsonNode scaler = one(FOLDER, "HorizontalPodAutoscaler", "understudy").path("spec");

    assertThat(scaler.at("/scaleTargetRef/name").asString())
        .isEqualTo(deployment.at("/metadata/name").asString());
    assertThat(scaler.path("minReplicas").asInt()).isEqualTo(2);
    assertThat(container.at("/resources/requests/cpu").isString()).isTrue();
  }

  @Test
  void scrape_annotations_lead_to_the_metrics() {
    Map<String, String> annotations = map(deployment.at("/spec/template/metadata/annotations"));

    assertThat(annotations)
        .containsEntry("prometheus.io/scrape", "true")
        .containsEntry("prometheus.io/port", port("management").asString())
        .containsEntry("prometheus.io/path", "/actuator/prometheus");
  }

  @Test
  void routes_lead_to_pools_of_the_file() {
    assertThat(gateway.path("routes").findValuesAsString("uri"))
        .isNotEmpty()
        .allSatisfy(
            uri ->
                assertThat(gateway.path("pools").has(uri.substring("pool://".length()))).isTrue());
  }
}
