package dev.understudy.config;

import dev.understudy.pages.SourceComments;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.SectionType;
import dev.understudy.pool.SectionType.Component;
import dev.understudy.pool.Setting;
import dev.understudy.pool.SettingNames;
import dev.understudy.pool.TextFormat;
import java.lang.reflect.ParameterizedType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON schema of the dynamic file, made from the annotations of its records. What is no
 * setting, such as the forms of filters, stays as it is in the file.
 */
final class SettingsSchema {
  private static final Map<String, Object> PLACEHOLDER = Map.of("$ref", "#/$defs/placeholder");

  /** What editors should know beyond the annotations, by path. */
  private static final Map<String, Map<String, ?>> MORE =
      Map.of(
          "pools.*.servers",
              Map.of(
                  "propertyNames",
                  ordered("pattern", whole(TextFormat.LABEL), "not", Map.of("const", "auto"))),
          "pools.*.servers.*.url",
              ordered(
                  "anyOf",
                  List.of(
                      ordered(
                          "type",
                          "string",
                          "pattern",
                          "^([hH][tT][tT][pP][sS]?|[tT][cC][pP]|[tT][lL][sS])(\\+([sS][rR][vV]|[kK]8[sS]))?://[^/?#@\\s]+$"),
                      PLACEHOLDER),
                  "examples",
                  List.of("http://react2.domain.com:8079")),
          "pools.*.health.expect.status", status(),
          "pools.*.health.expect.not.status", status(),
          "pools.*.health.steps.*", ordered("minProperties", 1, "maxProperties", 1),
          "routes.*.uri",
              ordered(
                  "pattern",
                  "^(pool|https?|wss?)://.+|^(forward|no):.+|\\$\\{.+\\}",
                  "examples",
                  List.of("pool://sense")));

  private static final int WIDTH = 120;

  private SettingsSchema() {}

  /** The schema whose definitions that are no settings are those of the one that there is. */
  static String text(JsonNode present) {
    Map<String, Object> schema = new LinkedHashMap<>();
    Map<String, Object> definitions = new LinkedHashMap<>();
    present.properties().forEach(each -> schema.put(each.getKey(), each.getValue()));
    present
        .path("$defs")
        .properties()
        .forEach(each -> definitions.put(each.getKey(), each.getValue()));
    schema.put("properties", properties("", RawFile.class));
    Map<String, Object> pool = section("pools.*", RawPool.class, null);
    pool.remove("required");
    definitions.put("pool", pool);
    definitions.put("expect", section("pools.*.health.expect", RawHealth.Expect.class, null));
    schema.put("$defs", definitions);
    StringBuilder text = new StringBuilder();
    write(JsonMapper.shared().valueToTree(schema), "", text);
    return text.append('\n').toString();
  }

  /** Writes what fits on one line on one, and else each part on its own. */
  private static void write(JsonNode node, String indent, StringBuilder to) {
    String line = line(node);
    if (!node.isContainer() || indent.length() + line.length() < WIDTH) {
      to.append(line);
      return;
    }
    String deeper = indent + "  ";
    String separator = "\n";
    to.append(node.isObject() ? '{' : '[');
    for (Map.Entry<String, JsonNode> each : parts(node)) {
      to.append(separator).append(deeper).append(each.getKey());
      write(each.getValue(), deeper, to);
      separator = ",\n";
    }
    to.append('\n').append(indent).append(node.isObject() ? '}' : ']');
  }

  private static String line(JsonNode node) {
    if (!node.isContainer()) {
      return node.toString();
    }
    String parts =
        parts(node).stream()
            .map(each -> each.getKey() + line(each.getValue()))
            .collect(Collectors.joining(", "));
    return node.isObject() ? "{" + parts + "}" : "[" + parts + "]";
  }

  /** The parts of an object or an array with what stands before each: its name, or nothing. */
  private static List<Map.Entry<String, JsonNode>> parts(JsonNode node) {
    return node.isObject()
        ? node.properties().stream()
            .map(each -> Map.entry("\"" + each.getKey() + "\": ", each.getValue()))
            .toList()
        : node.valueStream().map(each -> Map.entry("", each)).toList();
  }

  private static Map<String, Object> properties(String path, Class<?> type) {
    Map<String, Object> properties = new LinkedHashMap<>();
    for (Component each : SectionType.of(type).keys().values()) {
      String below = path.isEmpty() ? each.key() : path + "." + each.key();
      properties.put(each.key(), property(below, each));
    }
    return properties;
  }

  private static Map<String, Object> section(String path, Class<?> type, @Nullable String doc) {
    Map<String, Object> section = new LinkedHashMap<>();
    if (doc != null) {
      section.put("description", doc);
    }
    section.put("type", "object");
    section.put("additionalProperties", false);
    section.put("properties", properties(path, type));
    List<String> required =
        SectionType.of(type).keys().values().stream()
            .filter(each -> each.rule(Setting.Required.class) != null)
            .map(Component::key)
            .toList();
    if (!required.isEmpty()) {
      section.put("required", required);
    }
    section.putAll(MORE.getOrDefault(path, Map.of()));
    return section;
  }

  private static Map<String, Object> property(String path, Component component) {
    Map<String, Object> property = new LinkedHashMap<>();
    property.put("description", plain(component));
    property.putAll(form(path, component));
    property.putAll(MORE.getOrDefault(path, Map.of()));
    Setting.Default preset = component.rule(Setting.Default.class);
    if (preset != null && !component.of().getType().isRecord()) {
      property.put("default", preset(component, preset.value()));
    }
    return property;
  }

  private static Object preset(Component component, String[] written) {
    if (!SettingsReference.isOne(component)) {
      return written;
    }
    return switch (SettingsReference.type(component)) {
      case "number" -> Integer.valueOf(written[0]);
      case "boolean" -> Boolean.valueOf(written[0]);
      default -> written[0];
    };
  }

  private static Map<String, ?> form(String path, Component component) {
    Class<?> type = component.of().getType();
    Setting.Entries entries = component.rule(Setting.Entries.class);
    if (component.rule(Setting.OfAllPools.class) instanceof Setting.OfAllPools some) {
      return ordered(
          "type",
          "object",
          "propertyNames",
          Map.of("not", Map.of("enum", some.without())),
          "allOf",
          List.of(Map.of("$ref", "#/$defs/pool")));
    }
    if (entries != null) {
      return type == Map.class
          ? map(path, component, entries)
          : list(path, component, entries, type == Set.class);
    }
    if (type.isRecord()) {
      Setting.OneOrMore several = component.rule(Setting.OneOrMore.class);
      Map<String, Object> one = Map.of("$ref", "#/$defs/" + component.key());
      return several == null
          ? section(path, type, plain(component))
          : Map.of(
              "anyOf",
              List.of(
                  one,
                  ordered(
                      "type", "array", "minItems", 1, "maxItems", several.max(), "items", one)));
    }
    return scalar(component, type);
  }

  private static Map<String, ?> map(String path, Component component, Setting.Entries entries) {
    if (component.key().equals("error-pages")) {
      return Map.of("$ref", "#/$defs/error-pages");
    }
    Map<String, Object> map = ordered("type", "object", "maxProperties", entries.max());
    if (component.rule(Setting.Required.class) != null) {
      map.put("minProperties", 1);
    }
    if (entries.keys() != TextFormat.ANY) {
      map.put("propertyNames", Map.of("pattern", whole(entries.keys())));
    }
    Class<?> element = SettingsReference.element(component);
    if (path.equals("pools")) {
      map.put(
          "additionalProperties", ordered("$ref", "#/$defs/pool", "required", List.of("servers")));
    } else if (element.isRecord()) {
      map.put("additionalProperties", section(path + ".*", element, null));
    } else if (element == String.class) {
      map.put("additionalProperties", Map.of("type", "string"));
    }
    map.put("default", Map.of());
    return map;
  }

  private static Map<String, ?> list(
      String path, Component component, Setting.Entries entries, boolean once) {
    Map<String, Object> list = ordered("type", "array", "maxItems", entries.max());
    if (component.rule(Setting.Required.class) != null) {
      list.put("minItems", 1);
    }
    if (once) {
      list.put("uniqueItems", true);
    }
    Class<?> element = SettingsReference.element(component);
    boolean parts =
        component.of().getGenericType() instanceof ParameterizedType generic
            && generic.getActualTypeArguments()[0] == RoutePart.class;
    list.put(
        "items",
        parts
            ? Map.of(
                "$ref",
                component.key().equals("predicates") ? "#/$defs/predicate" : "#/$defs/filter")
            : element.isRecord()
                ? section(path + ".*", element, null)
                : entries.items() == TextFormat.ANY
                    ? Map.of("type", "string")
                    : ordered(
                        "type", "string", "pattern", whole(entries.items()) + "|\\$\\{.+\\}"));
    return list;
  }

  private static Map<String, ?> scalar(Component component, Class<?> type) {
    if (type.isEnum()) {
      return or(
          Map.of(
              "enum",
              Arrays.stream(type.getEnumConstants())
                  .map(each -> SettingNames.of((Enum<?>) each))
                  .toList()));
    }
    if (SettingsReference.isFlag(type)) {
      return or(Map.of("type", "boolean"));
    }
    if (type == Duration.class) {
      return Map.of("$ref", "#/$defs/duration");
    }
    if (component.rule(Setting.Size.class) != null) {
      return Map.of("$ref", "#/$defs/size");
    }
    if (component.rule(Setting.Whole.class) instanceof Setting.Whole whole) {
      return or(ordered("type", "integer", "minimum", whole.min(), "maximum", whole.max()));
    }
    if (component.rule(Setting.Text.class) instanceof Setting.Text text) {
      return text.value() == TextFormat.NOT_EMPTY || text.value() == TextFormat.EXPRESSION
          ? ordered("type", "string", "minLength", 1)
          : or(ordered("type", "string", "pattern", whole(text.value())));
    }
    return Map.of("type", "string");
  }

  private static Map<String, Object> or(Map<String, ?> form) {
    return ordered("anyOf", List.of(form, PLACEHOLDER));
  }

  private static Map<String, Object> status() {
    String code = "\\s*[1-5]\\d\\d\\s*(-\\s*[1-5]\\d\\d\\s*)?";
    return ordered(
        "anyOf",
        List.of(
            ordered("type", "string", "pattern", "^" + code + "(," + code + ")*$"),
            ordered("type", "integer", "minimum", 100, "maximum", 599),
            PLACEHOLDER));
  }

  private static String whole(TextFormat form) {
    return "^(?:" + form.regex() + ")$";
  }

  /** The sentences without their marks, and what holds while the setting is left out. */
  static String plain(Component component) {
    Setting.Unset unset = component.rule(Setting.Unset.class);
    List<String> sentences = new ArrayList<>();
    sentences.add(SourceComments.of(component.of()));
    if (unset != null && !unset.value().isEmpty()) {
      sentences.add("Left out: " + unset.value() + ".");
    }
    return String.join(" ", sentences).replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1").replace("`", "");
  }

  /** A map of names and values by turns, which keeps their order. */
  static Map<String, Object> ordered(Object... namesAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }
}
