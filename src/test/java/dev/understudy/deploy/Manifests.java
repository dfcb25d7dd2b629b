package dev.understudy.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The files under {@code deploy/}, parsed. */
public final class Manifests {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path DEPLOY = Path.of("deploy");

  private Manifests() {}

  public static String text(String file) {
    try {
      return Files.readString(DEPLOY.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every document of one file; a key that stands twice is an error. */
  public static List<JsonNode> documents(String file) {
    return parse(text(file));
  }

  public static List<JsonNode> parse(String yaml) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    List<JsonNode> documents = new ArrayList<>();
    new Yaml(new SafeConstructor(options))
        .loadAll(yaml)
        .forEach(document -> documents.add(JSON.valueToTree(document)));
    return documents;
  }

  public static JsonNode json(String file) {
    return JSON.readTree(text(file));
  }

  /** The names of the YAML files of a folder. */
  static List<String> files(String folder) {
    try (Stream<Path> files = Files.list(DEPLOY.resolve(folder))) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a kustomization of a folder names, in one list. */
  public static List<JsonNode> resources(String folder) {
    List<JsonNode> all = new ArrayList<>();
    for (JsonNode file : documents(folder + "/kustomization.yaml").get(0).path("resources")) {
      all.addAll(documents(folder + "/" + file.asString()));
    }
    return all;
  }

  /** The same with a component of it, whose patches (RFC 6902) may only add. */
  public static List<JsonNode> resources(String folder, String component) {
    List<JsonNode> all = resources(folder);
    all.addAll(resources(folder + "/" + component));
    String file = folder + "/" + component + "/kustomization.yaml";
    for (JsonNode patch : documents(file).get(0).path("patches")) {
      JsonNode target = patch.path("target");
      JsonNode object = one(all, target.path("kind").asString(), target.path("name").asString());
      parse(patch.path("patch").asString()).get(0).forEach(each -> add(object, each));
    }
    return all;
  }

  private static void add(JsonNode object, JsonNode operation) {
    if (!operation.path("op").asString().equals("add")) {
      throw new IllegalArgumentException("not an addition: " + operation);
    }
    JsonPointer path = JsonPointer.compile(operation.path("path").asString());
    String name = path.last().getMatchingProperty();
    switch (object.at(path.head())) {
      case ObjectNode parent -> parent.set(name, operation.path("value"));
      case ArrayNode parent when name.equals("-") -> parent.add(operation.path("value"));
      default -> throw new IllegalArgumentException("no place for " + operation);
    }
  }

  /** The one object of that kind and name. */
  public static JsonNode one(String folder, String kind, String name) {
    return one(resources(folder), kind, name);
  }

  private static JsonNode one(List<JsonNode> objects, String kind, String name) {
    List<JsonNode> found =
        objects.stream()
            .filter(object -> object.path("kind").asString().equals(kind))
            .filter(object -> object.at("/metadata/name").asString().equals(name))
            .toList();
    if (found.size() != 1) {
      throw new AssertionError("there are " + found.size() + " of " + kind + " " + name);
    }
    return found.get(0);
  }

  public static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(value -> texts.add(value.asString()));
    return texts;
  }
}
