package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The README names the oldest Kubernetes that knows all that the manifests say. */
class KubernetesVersionTest {
  /** API versions, and the minor release of Kubernetes 1 that first serves them. */
  private static final Map<String, Integer> API_VERSIONS =
      Map.of(
          "v1", 0,
          "apps/v1", 9,
          "autoscaling/v2", 23,
          "coordination.k8s.io/v1", 14,
          "networking.k8s.io/v1", 7,
          "policy/v1", 21,
          "rbac.authorization.k8s.io/v1", 8);

  /**
   * The youngest fields, and the minor release that first heeds them without a feature gate. Older
   * ones refuse them as unknown or drop them without a word.
   */
  private static final Map<String, Integer> YOUNG_FIELDS =
      Map.of(
          "seccompProfile", 19,
          "startupProbe", 18,
          "kubernetes.io/metadata.name", 21,
          "pod-security.kubernetes.io/enforce", 23,
          "nodeTaintsPolicy", 26,
          "matchLabelKeys", 27,
          "unhealthyPodEvictionPolicy", 27);

  private static final Set<String> FOLDERS = Set.of("kubernetes", "example");

  private static Set<String> apiVersions() {
    Set<String> versions = new TreeSet<>();
    FOLDERS.forEach(
        folder ->
            Manifests.resources(folder)
                .forEach(object -> versions.add(object.path("apiVersion").asString())));
    return versions;
  }

  private static void fields(JsonNode node, Set<String> names) {
    names.addAll(node.propertyNames());
    node.forEach(child -> fields(child, names));
  }

  @Test
  void every_api_version_is_known_here() {
    assertThat(API_VERSIONS).containsOnlyKeys(apiVersions());
  }

  @Test
  void every_young_field_is_in_use() {
    Set<String> used = new TreeSet<>();
    FOLDERS.forEach(folder -> Manifests.resources(folder).forEach(each -> fields(each, used)));

    assertThat(used).containsAll(YOUNG_FIELDS.keySet());
  }

  @Test
  void each_readme_names_the_youngest_of_them() throws IOException {
    int youngest =
        Stream.concat(API_VERSIONS.values().stream(), YOUNG_FIELDS.values().stream())
            .mapToInt(Integer::intValue)
            .max()
            .orElseThrow();

    for (String readme :
        new String[] {"README.md", "deploy/README.md", "deploy/kubernetes/README.md"}) {
      assertThat(Files.readString(Path.of(readme)).replaceAll("\\s+", " "))
          .contains("Kubernetes 1." + youngest + " or newer");
    }
    assertThat(Manifests.documents("helm/understudy/Chart.yaml").get(0).path("kubeVersion"))
        .hasToString("\">=1." + youngest + ".0-0\"");
  }
}
