package dev.understudy.conformance;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import dev.understudy.deploy.Manifests;
import dev.understudy.scenario.KubernetesApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The chart as Helm itself renders it, in this process, with its own values or others. */
final class HelmChart {
  static final Path SOURCE = Path.of("deploy/helm/understudy");
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;

  /**
   * Copies the chart into a folder; links to files of other folders stay links.
   *
   * @param overrides YAML that is merged into its values
   */
  HelmChart(Path folder, String overrides) throws IOException {
    this.folder = folder.resolve("understudy");
    try (Stream<Path> files = Files.walk(SOURCE)) {
      for (Path file : files.toList()) {
        Path copy = this.folder.resolve(SOURCE.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (Files.isSymbolicLink(file)) {
          Files.createSymbolicLink(copy, file.toRealPath());
        } else {
          Files.copy(file, copy);
        }
      }
    }
    // Without a cluster Helm takes Kubernetes for 1.20, and this library can say nothing else.
    Path chart = this.folder.resolve("Chart.yaml");
    Files.writeString(chart, Files.readString(chart).replaceFirst("(?m)^kubeVersion: .*\n", ""));
    if (!overrides.isBlank()) {
      JsonNode values = values();
      merge((ObjectNode) values, Manifests.parse(overrides).get(0));
      Files.writeString(this.folder.resolve("values.yaml"), JSON.writeValueAsString(values));
    }
  }

  static JsonNode values() throws IOException {
    return Manifests.parse(Files.readString(SOURCE.resolve("values.yaml"))).get(0);
  }

  /** As Helm merges: objects by their keys, all else replaced. */
  private static void merge(ObjectNode into, JsonNode from) {
    from.properties()
        .forEach(
            entry -> {
              JsonNode present = into.get(entry.getKey());
              if (present instanceof ObjectNode object && entry.getValue().isObject()) {
                merge(object, entry.getValue());
              } else {
                into.set(entry.getKey(), entry.getValue());
              }
            });
  }

  /** The linter's messages; a failure is one of them. */
  List<String> lint() {
    LintResult result = new Helm(folder).lint().strict().call();
    return result.isFailed()
        ? Stream.concat(result.getMessages().stream(), Stream.of("[FAILED]")).toList()
        : result.getMessages();
  }

  /** Changes one of its files. */
  void replace(String file, String text, String by) throws IOException {
    Path changed = folder.resolve(file);
    String before = Files.readString(changed);
    if (!before.contains(text)) {
      throw new IllegalArgumentException(file + " has no " + text);
    }
    Files.writeString(changed, before.replace(text, by));
  }

  /** Without what the API server is too old for, as 1.20 is, the default of this profile. */
  void fit(KubernetesApi api) throws Exception {
    if (api.admin("GET", "/apis/autoscaling", "").contains("\"autoscaling/v2\"")) {
      return;
    }
    replace("templates/deployment.yaml", "          nodeTaintsPolicy: Honor\n", "");
    replace("templates/deployment.yaml", "          matchLabelKeys: [pod-template-hash]\n", "");
    replace("templates/horizontalpodautoscaler.yaml", "autoscaling/v2", "autoscaling/v2beta2");
  }

  void install(KubernetesApi api, String release, String namespace) throws IOException {
    new Helm(folder)
        .install()
        .withName(release)
        .withNamespace(namespace)
        .withKubeConfigContents(kubeConfig(api))
        .call();
  }

  void upgrade(KubernetesApi api, String release, String namespace, String value, String text)
      throws IOException {
    new Helm(folder)
        .upgrade()
        .withName(release)
        .withNamespace(namespace)
        .withKubeConfigContents(kubeConfig(api))
        .set(value, text)
        .call();
  }

  /** What Helm prints after an installation, which this one is not. */
  String notes(String release, String namespace) {
    return new Helm(folder)
        .install()
        .withName(release)
        .withNamespace(namespace)
        .clientOnly()
        .dryRun()
        .call()
        .getOutput();
  }

  /** The administrator's. */
  static String kubeConfig(KubernetesApi api) throws IOException {
    return """
    apiVersion: v1
    kind: Config
    current-context: test
    contexts: [{ name: test, context: { cluster: test, user: test } }]
    clusters: [{ name: test, cluster: { server: "%s", certificate-authority: "%s" } }]
    users: [{ name: test, user: { token: "%s" } }]
    """
        .formatted(
            api.url(), api.caFile(), Files.readString(api.tokenFile(KubernetesApi.ADMIN)).strip());
  }

  String text(String release, String namespace) {
    return new Helm(folder).template().withName(release).withNamespace(namespace).call();
  }

  /** The objects by kind and name. */
  Map<String, JsonNode> render(String release, String namespace) {
    Map<String, JsonNode> objects = new TreeMap<>();
    for (JsonNode object : Manifests.parse(text(release, namespace))) {
      if (!object.isNull() && !object.isMissingNode()) {
        objects.put(
            object.path("kind").asString() + "/" + object.at("/metadata/name").asString(), object);
      }
    }
    return objects;
  }
}
