package dev.understudy.deploy;

import static dev.understudy.deploy.Manifests.one;
import static dev.understudy.deploy.Manifests.resources;
import static dev.understudy.deploy.Manifests.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.testing.Rows;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The manifests agree with the program and with each other. */
class KubernetesTest {
  private static final String FOLDER = "kubernetes";
  private static final String NAMESPACE = "understudy";

  private static final JsonNode DEPLOYMENT = one(FOLDER, "Deployment", "understudy");
  private static final JsonNode POD = DEPLOYMENT.at("/spec/template/spec");
  private static final JsonNode CONTAINER = POD.at("/containers/0");
  private static final JsonNode CONFIG_MAP = one(FOLDER, "ConfigMap", "understudy");
  private static final Settings SETTINGS = Settings.ofThePod();

  private JsonNode port(String name) {
    for (JsonNode port : CONTAINER.path("ports")) {
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
  @ValueSource(strings = {"kubernetes", "kubernetes/exposed", "monitoring", "example"})
  void every_manifest_is_in_the_kustomization(String folder) {
    List<String> manifests =
        Manifests.files(folder).stream()
            .filter(name -> !name.equals("kustomization.yaml") && !name.contains(".rules."))
            .toList();

    assertThat(texts(Manifests.documents(folder + "/kustomization.yaml").get(0).path("resources")))
        .containsExactlyInAnyOrderElementsOf(manifests);
  }

  @Test
  void the_component_of_the_gateway_api_may_read_and_report_all_kinds_that_count() {
    JsonNode role =
        Manifests.resources(FOLDER, "gateway-api").stream()
            .filter(each -> each.path("kind").asString().equals("ClusterRole"))
            .findFirst()
            .orElseThrow();
    // Those are readable only where an operator says so.
    Set<ObjectKind> named =
        EnumSet.of(
            ObjectKind.SECRET, ObjectKind.CONFIG_MAP, ObjectKind.INGRESS, ObjectKind.INGRESS_CLASS);
    for (ObjectKind kind : EnumSet.complementOf(EnumSet.copyOf(named))) {
      assertThat(verbs(role, kind.group(), kind.plural()))
          .as(kind.plural())
          .containsExactly("get", "list", "watch");
    }
    for (ObjectKind kind : named) {
      assertThat(verbs(role, kind.group(), kind.plural())).as(kind.plural()).isEmpty();
    }
    assertThat(verbs(role, ObjectKind.FAILOVER_POLICY.group(), "failoverpolicies/status"))
        .containsExactly("patch");
  }

  private static List<String> verbs(JsonNode role, String group, String resource) {
    return role.path("rules")
        .valueStream()
        .filter(rule -> Manifests.texts(rule.path("apiGroups")).contains(group))
        .filter(rule -> Manifests.texts(rule.path("resources")).contains(resource))
        .flatMap(rule -> Manifests.texts(rule.path("verbs")).stream())
        .toList();
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
    assertThat(port("http").asInt()).isEqualTo(SETTINGS.get("server.port", Integer.class));
    assertThat(port("management").asInt())
        .isEqualTo(SETTINGS.get("management.server.port", Integer.class));
    assertThat(DockerfileTest.dockerfile())
        .contains("EXPOSE " + port("http").asInt() + " " + port("management").asInt());
  }

  /** Where something is required, and its JSON; without JSON there is nothing. */
  @Rows(
      """
      # probes ask the management port
      container | /startupProbe/httpGet/path | "/actuator/health/liveness"
      container | /startupProbe/httpGet/port | "management"
      container | /livenessProbe/httpGet/path | "/actuator/health/liveness"
      container | /livenessProbe/httpGet/port | "management"
      container | /readinessProbe/httpGet/path | "/actuator/health/readiness"
      container | /readinessProbe/httpGet/port | "management"
      # a start takes a minute with 100m and no more: it has five
      container | /startupProbe/periodSeconds | 1
      container | /startupProbe/failureThreshold | 300
      # the management port is in no service that users reach
      Service | /spec/ports/0/targetPort | "http"
      Service | /spec/ports/1 |
      # replicas spread over zones and nodes
      pod | /topologySpreadConstraints/0/topologyKey | "topology.kubernetes.io/zone"
      pod | /topologySpreadConstraints/1/topologyKey | "kubernetes.io/hostname"
      pod | /topologySpreadConstraints/2 |
      # only nodes that take pods count for the spread: drained ones would hold back the next replica
      pod | /topologySpreadConstraints/0/nodeTaintsPolicy | "Honor"
      pod | /topologySpreadConstraints/1/nodeTaintsPolicy | "Honor"
      # a rollout never takes a replica away first
      Deployment | /spec/strategy/rollingUpdate/maxUnavailable | 0
      # nothing delays the stop but the program itself
      container | /lifecycle |
      # the pod is restricted
      pod | /securityContext/runAsNonRoot | true
      pod | /securityContext/seccompProfile/type | "RuntimeDefault"
      container | /securityContext/allowPrivilegeEscalation | false
      container | /securityContext/readOnlyRootFilesystem | true
      container | /securityContext/capabilities/drop | ["ALL"]
      # service links do not become settings
      pod | /enableServiceLinks | false
      # only the pod itself mounts the token of its service account
      pod | /serviceAccountName | "understudy"
      pod | /automountServiceAccountToken | true
      ServiceAccount | /automountServiceAccountToken | false
      # the role is that of the service account
      RoleBinding | /roleRef/kind | "Role"
      RoleBinding | /roleRef/name | "understudy"
      RoleBinding | /subjects/0/kind | "ServiceAccount"
      RoleBinding | /subjects/0/name | "understudy"
      RoleBinding | /subjects/0/namespace | "understudy"
      # the service account may write leases and events of its namespace, and nothing else
      Role | /rules/0 | {"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["get","list","watch","create","update","patch","delete"]}
      Role | /rules/1 | {"apiGroups":[""],"resources":["events"],"verbs":["create"]}
      Role | /rules/2 |
      # replicas find the owner of their records
      Lease | /metadata/labels/app.kubernetes.io~1managed-by | "understudy"
      Lease | /metadata/labels/app.kubernetes.io~1instance | "understudy"
      # the ConfigMap is mounted as a directory: its file that is mounted by subPath never changes
      pod | /volumes/0/configMap/name | "understudy"
      pod | /volumes/0/configMap/items |
      container | /volumeMounts/0/mountPath | "/app/config"
      container | /volumeMounts/0/subPath |
      # name servers are let through by UDP and by TCP
      NetworkPolicy | /spec/egress/0/ports | [{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"}]
      # replicas reach the API, anywhere
      NetworkPolicy | /spec/egress/1/to/1 |
      NetworkPolicy | /spec/egress/2 | {"ports":[{"port":443},{"port":6443}]}
      NetworkPolicy | /spec/egress/3 |
      # the autoscaler alone has the number of replicas, at least three
      HorizontalPodAutoscaler | /spec/scaleTargetRef/name | "understudy"
      HorizontalPodAutoscaler | /spec/minReplicas | 3
      Deployment | /spec/replicas |
      PodDisruptionBudget | /spec/maxUnavailable | 1
      # the command gets what serves
      container | /args | ["serve"]
      # scrape annotations lead to the metrics
      Deployment | /spec/template/metadata/annotations/prometheus.io~1scrape | "true"
      Deployment | /spec/template/metadata/annotations/prometheus.io~1port | "9090"
      Deployment | /spec/template/metadata/annotations/prometheus.io~1path | "/actuator/prometheus"
      # the token file is where the secret is mounted
      container | /env/0 | {"name":"UNDERSTUDY_ADMIN_TOKEN_FILE","value":"/run/secrets/understudy/token"}
      container | /volumeMounts/1/mountPath | "/run/secrets/understudy"
      # the pod tells the program its own name, uid and zone; StaticSettingsTest binds the first two
      container | /env/1 | {"name":"UNDERSTUDY_AGREEMENT_KUBERNETES_PODNAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}
      container | /env/2 | {"name":"UNDERSTUDY_AGREEMENT_KUBERNETES_PODUID","valueFrom":{"fieldRef":{"fieldPath":"metadata.uid"}}}
      container | /env/3 | {"name":"UNDERSTUDY_ZONE","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['topology.kubernetes.io/zone']"}}}
      # no other variable makes Java write plain text before the first line of the log
      container | /env/4 |
      """)
  void an_object_has(String object, String pointer, @Nullable String json) {
    JsonNode node =
        switch (object) {
          case "pod" -> POD;
          case "container" -> CONTAINER;
          case "Lease" -> one(FOLDER, object, "understudy-records");
          default -> one(FOLDER, object, "understudy");
        };
    assertThat(node.at(pointer)).hasToString(json == null ? "" : json);
  }

  @Rows(
      """
      server.shutdown | graceful
      understudy.config | config/gateway.yaml
      understudy.agreement.mode | kubernetes
      logging.structured.format.console | ecs
      understudy.state-file |
      logging.file.name |
      """)
  void the_program_has_the_setting(String name, @Nullable String value) {
    assertThat(SETTINGS.has(name)).isEqualTo(value != null);
    if (value != null) {
      assertThat(SETTINGS.get(name, String.class)).isEqualTo(value);
    }
  }

  @Test
  void services_select_the_pods_and_name_their_ports() {
    Map<String, String> labels = map(DEPLOYMENT.at("/spec/template/metadata/labels"));
    for (String name : List.of("understudy", "understudy-management")) {
      JsonNode service = one(FOLDER, "Service", name).path("spec");
      assertThat(labels).containsAllEntriesOf(map(service.path("selector")));
      assertThat(port(service.at("/ports/0/targetPort").asString()).isInt()).isTrue();
    }
  }

  @Test
  void all_selectors_select_the_pods() {
    Map<String, String> labels = map(DEPLOYMENT.at("/spec/template/metadata/labels"));

    assertThat(labels)
        .containsAllEntriesOf(map(DEPLOYMENT.at("/spec/selector/matchLabels")))
        .containsAllEntriesOf(
            map(one(FOLDER, "PodDisruptionBudget", "understudy").at("/spec/selector/matchLabels")))
        .containsAllEntriesOf(
            map(one(FOLDER, "NetworkPolicy", "understudy").at("/spec/podSelector/matchLabels")));
    for (JsonNode spread : POD.path("topologySpreadConstraints")) {
      assertThat(labels).containsAllEntriesOf(map(spread.at("/labelSelector/matchLabels")));
    }
  }

  @Test
  void grace_is_longer_than_all_steps_of_a_stop_together() {
    // A phase that takes longer is not waited for.
    assertThat(SETTINGS.drainDelay())
        .isPositive()
        .isLessThan(SETTINGS.get("spring.lifecycle.timeout-per-shutdown-phase", Duration.class));
    assertThat(Duration.ofSeconds(POD.path("terminationGracePeriodSeconds").asLong()))
        .isGreaterThan(SETTINGS.longestStop());
  }

  @Test
  void the_pod_runs_as_the_images_user() {
    JsonNode security = POD.path("securityContext");

    assertThat(DockerfileTest.dockerfile())
        .contains(
            "USER "
                + security.path("runAsUser").asInt()
                + ":"
                + security.path("runAsGroup").asInt()
                + "\n");
  }

  @Test
  void nobody_has_rights_in_the_whole_cluster() {
    assertThat(resources(FOLDER).stream().map(each -> each.path("kind").asString()))
        .doesNotContain("ClusterRole", "ClusterRoleBinding");
  }

  /** A throttled replica is late for its own renewals, and the others stop counting it. */
  @Test
  void nothing_throttles_the_cpu() {
    assertThat(CONTAINER.at("/resources/limits").propertyNames()).containsExactly("memory");
    assertThat(CONTAINER.at("/resources/requests/cpu").isString()).isTrue();
  }

  @Test
  void every_mounted_volume_exists() {
    assertThat(POD.path("volumes").findValuesAsString("name"))
        .containsAll(CONTAINER.path("volumeMounts").findValuesAsString("name"));
  }

  @Test
  void the_config_map_holds_the_file_of_the_settings() {
    assertThat(DockerfileTest.dockerfile()).contains("WORKDIR /app\n");
    assertThat(CONFIG_MAP.path("data").has("gateway.yaml")).isTrue();
  }

  @Test
  void nothing_is_written_but_temporary_files() {
    assertThat(CONTAINER.path("volumeMounts"))
        .filteredOn(mount -> !mount.path("readOnly").asBoolean(false))
        .extracting(mount -> mount.path("mountPath").asString())
        .containsExactly("/tmp");
  }

  @Test
  void the_program_accepts_the_gateway_file() {
    byte[] text = CONFIG_MAP.at("/data/gateway.yaml").asString().getBytes(StandardCharsets.UTF_8);

    LoadResult result =
        new ConfigLoader(RouteChecker.NONE).load(Path.of("config/gateway.yaml"), text);

    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
  }

  @Test
  void the_command_is_the_images_with_more_options_of_java() {
    List<String> command = texts(CONTAINER.path("command"));

    assertThat(DockerfileTest.entryPoint())
        .containsExactly(command.get(0), command.get(command.size() - 1));
    assertThat(command.subList(1, command.size() - 1))
        .isNotEmpty()
        .allMatch(option -> option.startsWith("-"));
  }

  @Test
  void the_image_is_the_one_that_the_kustomization_renames() {
    JsonNode image = Manifests.documents("kubernetes/kustomization.yaml").get(0).at("/images/0");

    assertThat(CONTAINER.path("image").asString())
        .isEqualTo(image.path("name").asString() + ":" + image.path("newTag").asString());
  }
}
