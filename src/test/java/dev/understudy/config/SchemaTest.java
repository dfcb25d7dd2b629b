package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Mode;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The schema that editors use, the records and the examples say the same. */
class SchemaTest {
  private static final Path CONFIG = Path.of("config");
  private static final JsonNode TREE =
      JsonMapper.shared().readTree(read(CONFIG.resolve("gateway.schema.json")));
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(TREE);

  @ParameterizedTest
  @ValueSource(strings = {"gateway.yaml", "sense.yaml"})
  void examples_fit_the_schema_load_and_name_it(String name) {
    Path file = CONFIG.resolve(name);
    assertThat(SCHEMA.validate(read(file), InputFormat.YAML)).isEmpty();
    assertThat(Texts.good(new ConfigLoader(RouteChecker.NONE).load(file)).routes()).isNotEmpty();
    assertThat(read(file)).startsWith("# yaml-language-server: $schema=gateway.schema.json\n");
  }

  @Test
  void the_commented_settings_of_the_example_are_good_too() {
    String text = read(CONFIG.resolve("gateway.yaml"));
    int settings = text.indexOf("pools:");
    String all =
        text.substring(settings)
            .lines()
            .map(line -> line.replaceFirst("^( *)# (?=[ a-z-])", "$1"))
            .reduce("", (a, b) -> a + b + "\n")
            .replace("default-filters: []", "default-filters:")
            .replace("${file:/run/secrets/probe-token}", "x")
            .replace("[ site.pem ]", "[ src/test/resources/dev/understudy/config/site.pem ]")
            .replace(" ca.pem", " src/test/resources/dev/understudy/config/ca.pem")
            .replace("/etc/understudy/users", "src/test/resources/dev/understudy/config/users");
    assertThat(Texts.lines(all)).isEmpty();
    assertThat(SCHEMA.validate(all, InputFormat.YAML)).isEmpty();
    assertThat(FullFile.keysOf(all).stream().map(FullFile.Key::pattern))
        .containsAll(
            FullFile.allKeys().keySet().stream()
                .filter(
                    key ->
                        !key.endsWith("max-requests")
                            && !key.endsWith("weight")
                            && !key.endsWith("count")
                            && !key.endsWith("health-port")
                            && !key.endsWith("health-host"))
                .toList());
    Pool pool = Texts.good(all).pools().get(0);
    assertThat(pool.passive()).isEqualTo(PassiveSettings.DEFAULT);
    assertThat(pool.hold()).isEqualTo(HoldSettings.DEFAULT);
    assertThat(pool.failback()).isEqualTo(FailbackSettings.DEFAULT);
  }

  @Test
  void the_reference_of_the_dynamic_file_loads_and_fits() {
    Path file = Path.of("src/test/resources/dev/understudy/config/reference.yaml");
    assertThat(Texts.problems(new ConfigLoader(RouteChecker.NONE).load(file))).isEmpty();
    assertThat(SCHEMA.validate(read(file), InputFormat.YAML)).isEmpty();
  }

  @Test
  void the_full_file_fits_the_schema() {
    assertThat(SCHEMA.validate(FullFile.text(), InputFormat.YAML)).isEmpty();
  }

  @Test
  void the_schema_has_exactly_the_keys_of_the_records() {
    assertThat(properties().keySet()).isEqualTo(FullFile.allKeys().keySet());
  }

  @Test
  void keys_are_required_in_both_or_in_none() {
    Map<String, JsonNode> properties = properties();
    FullFile.allKeys()
        .forEach(
            (key, component) -> {
              int dot = key.lastIndexOf('.');
              JsonNode holder =
                  dot < 0 ? TREE : holder(properties.get(withoutStar(key.substring(0, dot))));
              assertThat(texts(holder.path("required")).contains(key.substring(dot + 1)))
                  .as(key)
                  .isEqualTo(component.isAnnotationPresent(Constraint.Required.class));
            });
  }

  @Test
  void choices_and_bounds_are_those_of_the_records() {
    Map<String, RecordComponent> components = FullFile.allKeys();
    properties()
        .forEach(
            (key, schema) -> {
              RecordComponent component = components.get(key);
              if (component.getType().isEnum()) {
                assertThat(texts(schema.at("/anyOf/0/enum"))).as(key).isEqualTo(choices(component));
              }
              Constraint.Whole whole = component.getAnnotation(Constraint.Whole.class);
              if (whole != null) {
                assertThat(schema.at("/anyOf/0/minimum").asInt()).as(key).isEqualTo(whole.min());
                assertThat(schema.at("/anyOf/0/maximum").asInt()).as(key).isEqualTo(whole.max());
              }
              Constraint.Entries entries = component.getAnnotation(Constraint.Entries.class);
              if (entries != null) {
                String bound = schema.has("maxItems") ? "maxItems" : "maxProperties";
                assertThat(schema.path(bound).asInt()).as(key).isEqualTo(entries.max());
              }
              Constraint.Text text = component.getAnnotation(Constraint.Text.class);
              if (text != null && schema.has("anyOf")) {
                assertThat(schema.at("/anyOf/0/pattern").asString())
                    .as(key)
                    .isEqualTo("^(?:" + text.value().regex() + ")$");
              }
            });
  }

  /** A file that writes every default of the schema out means the same as one that writes none. */
  @Test
  void defaults_are_those_of_the_records() {
    Map<String, JsonNode> properties = properties();
    StringBuilder text = new StringBuilder();
    for (String key : properties.keySet()) {
      JsonNode value = properties.get(key).get("default");
      if (value != null && key.startsWith("pools.*.") && !key.startsWith("pools.*.servers.")) {
        nest(text, key.substring("pools.*.".length()), value);
      }
    }
    Pool written = Texts.good(pool(text.toString())).pools().get(0);
    Pool bare = Texts.good(pool("    passive: {}\n    sticky: {}\n")).pools().get(0);
    assertThat(written).isEqualTo(bare);
    assertThat(written.health()).isEqualTo(HealthSettings.DEFAULT);
    assertThat(written.health().check()).isEqualTo(HttpCheck.DEFAULT);
    assertThat(written.mode()).isEqualTo(Mode.FAILOVER);
    assertThat(written.servers().get(0).rank()).isEqualTo(Rank.MASTER);
    assertThat(properties.get("pools.*.servers.*.role").get("default").asString())
        .isEqualTo("master");
    assertThat(properties.get("routes.*.order").get("default").asInt()).isZero();
    assertThat(properties.get("routes.*.enabled").get("default").asBoolean()).isTrue();
    assertThat(text.toString().lines().filter(line -> line.contains(": "))).hasSize(44);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "Sen1", "-", "a.b"})
  void an_editor_marks_names_that_no_server_may_have(String name) {
    String good = "pools: { auto: { servers: { NAME: { url: 'http://a' } } } }\n" + Texts.ROUTE;
    assertThat(SCHEMA.validate(good.replace("NAME", "auto2"), InputFormat.YAML)).isEmpty();
    assertThat(SCHEMA.validate(good.replace("NAME", name), InputFormat.YAML)).isNotEmpty();
  }

  static List<Breakage.Broken> broken() {
    return Breakage.of(FullFile.text()).stream()
        .filter(
            each ->
                Stream.of("misspelt", "missing", "a map", "a list", "nothing there", "empty")
                    .anyMatch(each.what()::startsWith))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("broken")
  void an_editor_marks_the_same_faults(Breakage.Broken broken) {
    assertThat(SCHEMA.validate(broken.text(), InputFormat.YAML)).as(broken.what()).isNotEmpty();
  }

  /** Writes {@code a.b: value} as nested YAML, reusing nothing: maps may stand in flow form. */
  private static void nest(StringBuilder text, String key, JsonNode value) {
    String[] parts = key.split("\\.");
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < parts.length; i++) {
      String indent = "    " + "  ".repeat(i);
      boolean last = i == parts.length - 1;
      String head = indent + parts[i] + ":" + (last ? " " + value : "") + "\n";
      if (last || text.indexOf("\n" + head) < 0 && !text.toString().startsWith(head)) {
        line.append(head);
      }
    }
    text.append(line);
  }

  private static String pool(String settings) {
    return Texts.POOL + settings + Texts.ROUTE;
  }

  private static List<String> choices(RecordComponent component) {
    return Arrays.stream(component.getType().getEnumConstants())
        .map(each -> Keys.of((Enum<?>) each))
        .toList();
  }

  /** Every property of the schema by its path, as {@link FullFile#allKeys()} writes them. */
  static Map<String, JsonNode> properties() {
    Map<String, JsonNode> all = new LinkedHashMap<>();
    collect("", TREE, all);
    return all;
  }

  private static void collect(String prefix, JsonNode schema, Map<String, JsonNode> to) {
    schema
        .path("properties")
        .properties()
        .forEach(
            entry -> {
              JsonNode property = resolve(entry.getValue());
              String path = prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey();
              to.put(path, property);
              collect(path, property, to);
              for (String below : List.of("additionalProperties", "items")) {
                if (property.path(below).isObject()) {
                  collect(path + ".*", resolve(property.get(below)), to);
                }
              }
            });
  }

  /** What a map or list holds, or the property itself. */
  private static JsonNode holder(JsonNode property) {
    for (String below : List.of("additionalProperties", "items")) {
      if (property.path(below).isObject()) {
        JsonNode held = property.get(below);
        return held.has("required") ? held : resolve(held);
      }
    }
    return property;
  }

  private static String withoutStar(String path) {
    return path.endsWith(".*") ? path.substring(0, path.length() - 2) : path;
  }

  /** Follows a reference to a section; those to forms of scalars stay, with their defaults. */
  private static JsonNode resolve(JsonNode schema) {
    // A section, or a list of it.
    String several = schema.at("/anyOf/0/$ref").asString("");
    String reference = schema.path("$ref").asString(several);
    if (reference.isEmpty()) {
      return schema;
    }
    JsonNode target = TREE.at(reference.substring(1));
    return target.path("type").asString("").equals("object") ? target : schema;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asString()));
    return texts;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
