package dev.understudy.deploy;

import static dev.understudy.deploy.Manifests.one;
import static dev.understudy.deploy.Manifests.resources;
import static dev.understudy.deploy.Manifests.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.resources.LoopResources;
import tools.jackson.databind.JsonNode;

/** The manifests agree with the program and with each other. */
class KubernetesTest {
  private static final String FOLDER = "kubernetes";
  private static final String NAMESPACE = "understudy";

  private final JsonNode deployment = one(FOLDER, "Deployment", "understudy");
  private final JsonNode pod = deployment.at("/spec/template/spec");
  private final JsonNode container = pod.at("/containers/0");
  private final JsonNode configMap = one(FOLDER, "ConfigMap", "understudy");
  private final Settings settings = Settings.ofThePod();

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
  void every_object_is_in_the_namespace() {
    assertThat(resources(FOLDER))
        .filteredOn(object -> !object.path("kind").asString().equals("Namespace"))
        .allSatisfy(
            object -> assertThat(object.at("/metadata/namespace").asString()).isEqualTo(NAMESPACE));
    assertThat(one(FOLDER, "Namespace", NAMESPACE)).isNotNull();
  }

  @Test
  void container_ports_are_those_of_the_settings_and_the_image() {
    assertThat(port("http").asInt()).isEqualTo(settings.get("server.port", Integer.class));
    assertThat(port("management").asInt())
        .isEqualTo(settings.get("management.server.port", Integer.class));
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

  /** Else nodes that are drained, or take no pods, would hold back the next replica. */
  @Test
  void only_nodes_that_take_pods_count_for_the_spread() {
    assertThat(pod.path("topologySpreadConstraints").findValuesAsString("nodeTaintsPolicy"))
        .containsExactly("Honor", "Honor");
  }

  @Test
  void replicas_spread_over_zones_and_nodes() {
    assertThat(pod.path("topologySpreadConstraints").findValuesAsString("topologyKey"))
        .containsExactlyInAnyOrder("topology.kubernetes.io/zone", "kubernetes.io/hostname");
  }

  @Test
  void a_rollout_never_takes_a_replica_away_first() {
    assertThat(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable").asInt(-1)).isZero();
  }

  /** The steps of a stop are waited for one after another. */
  @Test
  void grace_is_longer_than_all_steps_of_a_stop_together() {
    assertThat(settings.get("server.shutdown", String.class)).isEqualTo("graceful");
    Duration phase = settings.get("spring.lifecycle.timeout-per-shutdown-phase", Duration.class);
    Duration ofClients = phase;
    Duration ofTheManagementPort = phase;
    Duration ofTheEventLoops = Duration.ofSeconds(LoopResources.DEFAULT_SHUTDOWN_TIMEOUT);
    Duration all =
        settings.drainDelay().plus(ofClients).plus(ofTheManagementPort).plus(ofTheEventLoops);

    // A phase that takes longer is not waited for.
    assertThat(settings.drainDelay()).isPositive().isLessThan(phase);
    assertThat(Duration.ofSeconds(pod.path("terminationGracePeriodSeconds").asLong()))
        .isGreaterThan(all);
  }

  @Test
  void nothing_delays_the_stop_but_the_program_itself() {
    assertThat(container.has("lifecycle")).isFalse();
  }

  @Test
  void the_pod_is_restricted() {
    JsonNode security = pod.path("securityContext");
    assertThat(security.path("runAsNonRoot").asBoolean()).isTrue();
    assertThat(security.at("/seccompProfile/type").asString()).isEqualTo("RuntimeDefault");

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
  void only_the_pod_itself_mounts_the_token_of_its_service_account() {
    JsonNode account = one(FOLDER, "ServiceAccount", pod.path("serviceAccountName").asString());

    assertThat(account.path("automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(pod.path("automountServiceAccountToken").asBoolean()).isTrue();
  }

  @Test
  void the_service_account_may_write_leases_and_events_of_its_namespace_and_nothing_else() {
    Map<String, Set<String>> allowed = new TreeMap<>();
    for (JsonNode rule : one(FOLDER, "Role", "understudy").path("rules")) {
      for (String resource : texts(rule.path("resources"))) {
        String group = texts(rule.path("apiGroups")).get(0);
        allowed.put(group + "/" + resource, Set.copyOf(texts(rule.path("verbs"))));
      }
    }

    assertThat(allowed)
        .isEqualTo(
            Map.of(
                "coordination.k8s.io/leases",
                Set.of("get", "list", "watch", "create", "update", "patch", "delete"),
                "/events",
                Set.of("create")));
    JsonNode binding = one(FOLDER, "RoleBinding", "understudy");
    assertThat(binding.at("/roleRef/kind").asString()).isEqualTo("Role");
    assertThat(binding.at("/roleRef/name").asString()).isEqualTo("understudy");
    assertThat(binding.at("/subjects/0/kind").asString()).isEqualTo("ServiceAccount");
    assertThat(binding.at("/subjects/0/name").asString())
        .isEqualTo(pod.path("serviceAccountName").asString());
    assertThat(binding.at("/subjects/0/namespace").asString()).isEqualTo(NAMESPACE);
    assertThat(resources(FOLDER).stream().map(each -> each.path("kind").asString()))
        .doesNotContain("ClusterRole", "ClusterRoleBinding");
  }

  @Test
  void replicas_agree_through_the_api_which_the_network_policy_lets_them_reach() {
    assertThat(settings.get("understudy.agreement.mode", String.class)).isEqualTo("kubernetes");
    List<JsonNode> anywhere = new ArrayList<>();
    one(FOLDER, "NetworkPolicy", "understudy")
        .at("/spec/egress")
        .forEach(
            rule -> {
              if (!rule.has("to")) {
                anywhere.add(rule);
              }
            });

    assertThat(anywhere).hasSize(1);
    assertThat(anywhere.get(0).path("ports"))
        .extracting(port -> port.path("port").asInt())
        .containsExactly(443, 6443);
  }

  /** {@code AgreementSettingsTest} binds the first two. */
  @Test
  void the_pod_tells_the_program_its_own_name_uid_and_zone() {
    Map<String, String> fields = new TreeMap<>();
    container
        .path("env")
        .forEach(
            variable -> {
              String path = variable.at("/valueFrom/fieldRef/fieldPath").asString("");
              if (!path.isEmpty()) {
                fields.put(variable.path("name").asString(), path);
              }
            });

    assertThat(fields)
        .isEqualTo(
            Map.of(
                "UNDERSTUDY_AGREEMENT_KUBERNETES_PODNAME", "metadata.name",
                "UNDERSTUDY_AGREEMENT_KUBERNETES_PODUID", "metadata.uid",
                "UNDERSTUDY_ZONE", "metadata.labels['topology.kubernetes.io/zone']"));
  }

  /** A throttled replica is late for its own renewals, and the others stop counting it. */
  @Test
  void nothing_throttles_the_cpu() {
    assertThat(container.at("/resources/limits").propertyNames()).containsExactly("memory");
  }

  @Test
  void every_mounted_volume_exists() {
    assertThat(pod.path("volumes").findValuesAsString("name"))
        .containsAll(container.path("volumeMounts").findValuesAsString("name"));
    assertThat(pod.at("/volumes/0/configMap/name").asString())
        .isEqualTo(configMap.at("/metadata/name").asString());
  }

  /** As a directory: a ConfigMap's file that is mounted by subPath never changes. */
  @Test
  void the_settings_name_the_file_that_the_config_map_holds() {
    JsonNode mount = container.at("/volumeMounts/0");

    assertThat(DockerfileTest.dockerfile()).contains("WORKDIR /app\n");
    assertThat(mount.path("mountPath").asString()).isEqualTo("/app/config");
    assertThat(mount.has("subPath")).isFalse();
    assertThat(pod.at("/volumes/0/configMap").has("items")).isFalse();
    assertThat(settings.get("understudy.config", String.class)).isEqualTo("config/gateway.yaml");
    assertThat(configMap.path("data").has("gateway.yaml")).isTrue();
  }

  @Test
  void nothing_is_written_but_temporary_files() {
    assertThat(settings.has("understudy.state-file")).isFalse();
    assertThat(settings.has("logging.file.name")).isFalse();
    assertThat(container.path("volumeMounts"))
        .filteredOn(mount -> !mount.path("readOnly").asBoolean(false))
        .extracting(mount -> mount.path("mountPath").asString())
        .containsExactly("/tmp");
  }

  @Test
  void the_program_accepts_the_gateway_file() {
    byte[] text = configMap.at("/data/gateway.yaml").asString().getBytes(StandardCharsets.UTF_8);

    LoadResult result =
        new ConfigLoader(RouteChecker.NONE).load(Path.of("config/gateway.yaml"), text);

    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
  }

  @Test
  void name_servers_are_let_through_by_udp_and_by_tcp() {
    JsonNode dns = one(FOLDER, "NetworkPolicy", "understudy").at("/spec/egress/0/ports");

    assertThat(dns)
        .extracting(port -> port.path("port").asInt() + "/" + port.path("protocol").asString())
        .containsExactlyInAnyOrder("53/UDP", "53/TCP");
  }

  @Test
  void the_token_file_is_where_the_secret_is_mounted() {
    JsonNode variable = container.at("/env/0");

    assertThat(variable.path("name").asString()).isEqualTo("UNDERSTUDY_ADMIN_TOKEN_FILE");
    assertThat(variable.path("value").asString())
        .isEqualTo(container.at("/volumeMounts/1/mountPath").asString() + "/token");
  }

  @Test
  void the_command_is_the_images_with_more_options_of_java() {
    List<String> command = texts(container.path("command"));

    assertThat(DockerfileTest.entryPoint())
        .containsExactly(command.get(0), command.get(command.size() - 1));
    assertThat(command.subList(1, command.size() - 1))
        .isNotEmpty()
        .allMatch(option -> option.startsWith("-"));
    assertThat(texts(container.path("args"))).containsExactly("serve");
  }

  /** Java writes a line of plain text for each of them, before the first of the log. */
  @Test
  void no_variable_makes_java_write_what_is_no_json() {
    assertThat(settings.get("logging.structured.format.console", String.class)).isEqualTo("ecs");
    assertThat(container.path("env").findValuesAsString("name"))
        .doesNotContain("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");
  }

  @Test
  void the_image_is_the_one_that_the_kustomization_renames() {
    JsonNode image = Manifests.documents("kubernetes/kustomization.yaml").get(0).at("/images/0");

    assertThat(container.path("image").asString())
        .isEqualTo(image.path("name").asString() + ":" + image.path("newTag").asString());
  }

  @Test
  void the_autoscaler_alone_has_the_number_of_replicas_at_least_three() {
    JsonNode scaler = one(FOLDER, "HorizontalPodAutoscaler", "understudy").path("spec");

    assertThat(scaler.at("/scaleTargetRef/name").asString())
        .isEqualTo(deployment.at("/metadata/name").asString());
    assertThat(scaler.path("minReplicas").asInt()).isEqualTo(3);
    assertThat(deployment.path("spec").has("replicas")).isFalse();
    assertThat(one(FOLDER, "PodDisruptionBudget", "understudy").at("/spec/maxUnavailable").asInt())
        .isOne();
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
}
