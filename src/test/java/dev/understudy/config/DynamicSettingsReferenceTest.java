package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pages.SettingsPage;
import dev.understudy.pages.SettingsPage.Row;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tables of the dynamic file in {@code config/README.md} are those of the raw records. */
class DynamicSettingsReferenceTest {
  private static final Map<String, RecordComponent> KEYS = FullFile.allKeys();
  private static final Map<String, JsonNode> SCHEMA = SchemaTest.properties();
  private static final List<Row> ROWS = SettingsPage.dynamicSettings();

  private static final String SECTION = "section";
  private static final String OFF = "off";

  private static Stream<Row> values() {
    return ROWS.stream().filter(row -> !row.type().equals(SECTION));
  }

  @Test
  void the_page_names_every_setting_once_and_no_other() {
    assertThat(ROWS).extracting(Row::name).containsExactlyInAnyOrderElementsOf(KEYS.keySet());
  }

  @ParameterizedTest
  @FieldSource("ROWS")
  void its_type_is_that_of_the_record(Row row) {
    assertThat(row.type()).isEqualTo(type(component(row).getType()));
  }

  @ParameterizedTest
  @FieldSource("ROWS")
  void its_range_is_that_of_the_record(Row row) {
    String range = range(component(row));
    if (!range.isEmpty()) {
      // Words may follow, such as "at most `interval`".
      assertThat(row.range().split("[,:] (?!`)", 2)[0]).isEqualTo(range);
    }
  }

  @ParameterizedTest
  @MethodSource("values")
  void its_default_is_that_of_the_schema(Row row) {
    JsonNode preset = SCHEMA.get(row.name()).get("default");
    if (component(row).isAnnotationPresent(Constraint.Required.class)) {
      assertThat(row.preset()).isEqualTo("required");
    } else if (preset == null) {
      assertThat(row.isUnset()).as(row.preset()).isTrue();
    } else {
      assertThat(row.preset()).isEqualTo(cell(preset));
    }
  }

  /** Holds the page against the loaded configuration itself, not only against the schema. */
  @Test
  void a_file_that_writes_every_default_of_the_page_means_the_same_as_one_that_writes_none() {
    Map<String, Object> pool = new LinkedHashMap<>();
    Map<String, Object> server = new LinkedHashMap<>(Map.of("url", "http://a:1"));
    Map<String, Object> route =
        new LinkedHashMap<>(
            Map.of("id", "all", "uri", "pool://sense", "predicates", List.of("Path=/**")));
    Map<String, Object> listener =
        new LinkedHashMap<>(
            Map.of("port", 8081, "tls", new LinkedHashMap<>(Map.of("bundle", "web"))));
    Map<String, Object> dns = new LinkedHashMap<>();
    Map<String, Map<String, Object>> holders =
        Map.of(
            "pools.*.servers.*.",
            server,
            "pools.*.",
            pool,
            "routes.*.",
            route,
            "dns.",
            dns,
            "listeners.*.",
            listener);
    pool.put("servers", Map.of("sen2", server));
    long written =
        values()
            .filter(row -> row.preset().startsWith("`"))
            .filter(row -> write(row, holders))
            .count();
    assertThat(written).isGreaterThan(35);

    String file =
        JsonMapper.shared()
            .writeValueAsString(
                Map.of(
                    "pools",
                    Map.of("sense", pool),
                    "routes",
                    List.of(route),
                    "dns",
                    dns,
                    "listeners",
                    Map.of("web", listener)));
    assertThat(Texts.good(file))
        .isEqualTo(
            Texts.good(
                Texts.POOL
                    + "    passive: {}\n    sticky: {}\n"
                    + Texts.ROUTE
                    + "listeners: { web: { port: 8081, tls: { bundle: web } } }\n"));
  }

  private static boolean write(Row row, Map<String, Map<String, Object>> holders) {
    String holder =
        holders.keySet().stream()
            .filter(row.name()::startsWith)
            .max((a, b) -> Integer.compare(a.length(), b.length()))
            .orElseThrow();
    Map<String, Object> to = holders.get(holder);
    String[] path = row.name().substring(holder.length()).split("\\.");
    for (int i = 0; i < path.length - 1; i++) {
      to = section(to, path[i]);
    }
    to.put(path[path.length - 1], written(row));
    return true;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> section(Map<String, Object> in, String name) {
    return (Map<String, Object>) in.computeIfAbsent(name, any -> new LinkedHashMap<>());
  }

  private static Object written(Row row) {
    return switch (row.type()) {
      case "number" -> Integer.valueOf(row.value());
      case "boolean" -> Boolean.valueOf(row.value());
      case "list" -> List.of(row.value().split(", "));
      default -> row.value();
    };
  }

  @Test
  void sections_are_off_where_the_page_says_so() {
    assertThat(ROWS)
        .filteredOn(row -> row.type().equals(SECTION) && row.preset().equals(OFF))
        .extracting(Row::name)
        .containsExactly(
            "pools.*.passive",
            "pools.*.sticky",
            "pools.*.health.agent",
            "pools.*.health.expect.header",
            "pools.*.health.expect.not",
            "pools.*.health.expect.not.header",
            "pools.*.health.steps.*.expect",
            "pools.*.health.steps.*.expect.not",
            "pools.*.failback.warm-up",
            "listeners.*.tls");
    GatewayConfig bare = Texts.good(Texts.POOL + Texts.ROUTE);
    assertThat(bare.pools().get(0).passive()).isNull();
    assertThat(bare.pools().get(0).sticky()).isNull();
    assertThat(ROWS)
        .filteredOn(row -> row.type().equals(SECTION) && !row.preset().equals(OFF))
        .hasSizeGreaterThan(6)
        .allSatisfy(row -> assertThat(row.preset()).isEqualTo("as below"));
  }

  private static RecordComponent component(Row row) {
    assertThat(KEYS).containsKey(row.name());
    return KEYS.get(row.name());
  }

  private static String type(Class<?> type) {
    if (type.isRecord()) {
      return SECTION;
    }
    return type.isEnum()
        ? "choice"
        : Map.of(
                String.class, "text",
                Integer.class, "number",
                Boolean.class, "boolean",
                Duration.class, "duration",
                Long.class, "size",
                List.class, "list",
                Map.class, "map")
            .get(type);
  }

  /** The beginning of the cell; empty where words describe the form of a text. */
  private static String range(RecordComponent component) {
    Constraint.Whole whole = component.getAnnotation(Constraint.Whole.class);
    Constraint.Span span = component.getAnnotation(Constraint.Span.class);
    Constraint.Size size = component.getAnnotation(Constraint.Size.class);
    Constraint.Entries entries = component.getAnnotation(Constraint.Entries.class);
    boolean required = component.isAnnotationPresent(Constraint.Required.class);
    if (component.getType().isEnum()) {
      return choices(component.getType().getEnumConstants());
    }
    if (component.getType() == Boolean.class) {
      return "`true`, `false`";
    }
    return whole != null
        ? whole.min() + " to " + whole.max()
        : span != null
            ? span.min() + " to " + span.max()
            : size != null
                ? "0B to " + size.max()
                : entries == null ? "" : (required ? "1 to " : "at most ") + entries.max();
  }

  private static String choices(Object[] constants) {
    return Arrays.stream(constants)
        .map(each -> "`" + Keys.of((Enum<?>) each) + "`")
        .collect(Collectors.joining(", "));
  }

  private static String cell(JsonNode preset) {
    if (preset.isContainer()) {
      return preset.isEmpty()
          ? "none"
          : preset
              .valueStream()
              .map(JsonNode::asString)
              .collect(Collectors.joining(", ", "`", "`"));
    }
    return "`" + preset.asString() + "`";
  }
}
