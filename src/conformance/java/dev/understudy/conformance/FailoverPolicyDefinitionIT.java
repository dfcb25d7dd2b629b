package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.deploy.Manifests;
import dev.understudy.scenario.KubernetesApi;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The definition of FailoverPolicies in a real API server, and policies by it. */
class FailoverPolicyDefinitionIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String POLICIES =
      "/apis/understudy.dev/v1alpha1/namespaces/shop/failoverpolicies";

  private static KubernetesApi api;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    api = KubernetesApi.start(folder.resolve("api"));
    api.createNamespace("shop");
    JsonNode definition =
        Manifests.documents("kubernetes/gateway-api/failoverpolicies.yaml").get(0);
    String all = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    api.admin("POST", all, definition.toString());
    String one = all + "/" + definition.at("/metadata/name").asString();
    Await.until(
        "the definition is established",
        () -> {
          JsonNode conditions = JSON.readTree(api.admin("GET", one, "")).at("/status/conditions");
          assertThat(conditions.toString()).doesNotContain("NonStructuralSchema");
          return conditions.valueStream().anyMatch(each -> holds(each, "Established"));
        });
    Await.until("policies are served", FailoverPolicyDefinitionIT::isServed);
  }

  private static boolean holds(JsonNode condition, String type) {
    return condition.path("type").asString("").equals(type)
        && condition.path("status").asString("").equals("True");
  }

  private static boolean isServed() throws Exception {
    try {
      api.admin("GET", POLICIES, "");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @AfterAll
  static void stop() throws Exception {
    api.close();
  }

  /**
   * Those of the page, in one namespace. That of a Service is left out: an old API server that a
   * younger Go has built takes the empty name of its group for null.
   */
  private static List<ObjectNode> examples() throws IOException {
    List<ObjectNode> examples = new ArrayList<>();
    Matcher blocks =
        Pattern.compile("(?s)```yaml\n(.*?)```")
            .matcher(Files.readString(Path.of("deploy/gateway-api.md")));
    while (blocks.find()) {
      for (JsonNode each : Manifests.parse(blocks.group(1))) {
        boolean ofService = each.at("/spec/targetRefs/0/kind").asString("").equals("Service");
        if (each.path("kind").asString("").equals("FailoverPolicy") && !ofService) {
          ((ObjectNode) each.path("metadata")).put("namespace", "shop");
          examples.add((ObjectNode) each);
        }
      }
    }
    return examples;
  }

  @Test
  void policies_of_the_page_are_kept_as_written_and_have_a_status() throws Exception {
    for (ObjectNode example : examples()) {
      ObjectNode kept = (ObjectNode) JSON.readTree(api.admin("POST", POLICIES, example.toString()));
      assertThat(kept.path("spec")).isEqualTo(example.path("spec"));

      String status = "{\"serving\":\"sense-1\",\"epoch\":7,\"since\":\"2026-01-01T00:00:00Z\"}";
      kept.set("status", JSON.readTree(status));
      String one = POLICIES + "/" + kept.at("/metadata/name").asString();
      JsonNode after = JSON.readTree(api.admin("PUT", one + "/status", kept.toString()));
      assertThat(after.path("status")).isEqualTo(JSON.readTree(status));
      assertThat(after.at("/metadata/generation").asInt()).isOne();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hold: { time: 10 }",
        "hold: { time: soon }",
        "mode: both",
        "health: { fall: 0 }",
        "health: { steps: [{ send-hex: xy }] }",
        "retry: { methods: [GET, GET] }",
        "servers: []",
        "servers: [{ role: master }]",
        "servers: [{ backendRef: { name: a, port: 80 }, pods: { a: boss } }]",
        "targetRefs: [{ group: '', kind: Pod, name: a }]"
      })
  void a_bad_policy_is_refused_where_it_is_bad(String change) throws Exception {
    ObjectNode policy = examples().getFirst();
    ((ObjectNode) policy.path("metadata")).put("name", "bad");
    Manifests.parse(change)
        .get(0)
        .forEachEntry((key, value) -> ((ObjectNode) policy.path("spec")).set(key, value));
    assertThatThrownBy(() -> api.admin("POST", POLICIES, policy.toString()))
        .hasMessageContaining("422")
        .hasMessageContaining("spec." + change.replaceFirst(":.*", ""));
  }
}
