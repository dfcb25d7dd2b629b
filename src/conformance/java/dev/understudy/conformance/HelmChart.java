package dev.understudy.conformance;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import dev.understudy.deploy.Manifests;
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
   * Copies the chart into a folder.
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
        } else {
          Files.copy(file, copy);
        }
      }
    }
    if (!overrides.isBlank()) {
      JsonNode values = values();
      merge((ObjectNode) values, Manifests.parse(overrides).get(0));
      Files.writeString(this.folder.resolve("values.yaml"), JSON.writeValueAsString(values));
    }
  }

  /** The chart where it is, with its links to files of other folders. */
  static String textOfTheSource(String value) {
    return new Helm(SOURCE).template().withName("understudy").set(value, true).call();
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
