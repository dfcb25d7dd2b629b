package dev.understudy.config;

import static dev.understudy.config.SettingsSchema.ordered;

import dev.understudy.pool.SectionType;
import dev.understudy.pool.SectionType.Component;
import dev.understudy.pool.Setting;
import dev.understudy.pool.SettingNames;
import dev.understudy.pool.TextFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * The CustomResourceDefinition of FailoverPolicies. What is a setting of a pool comes from the
 * annotations of its records. The schema is structural, as the API server wants it, so it says less
 * than that of the dynamic file: names in maps, and what excludes what, are checked by the program.
 */
final class PolicySchema {
  private static final String GROUP = "understudy.dev";
  private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";
  private static final String DESCRIPTION = "description";
  private static final String TYPE = "type";
  private static final String PROPERTIES = "properties";
  private static final String REQUIRED = "required";
  private static final String PATTERN = "pattern";
  private static final String OBJECT = "object";
  private static final String STRING = "string";
  private static final String LIST_TYPE = "x-kubernetes-list-type";

  /** Go compiles no pattern that repeats something more often. */
  private static final int MOST_REPEATED = 1_000;

  private static final Pattern REPEATED = Pattern.compile("\\{(\\d+),(\\d+)}");

  /** Settings that are the proxy's own, or that the policy says otherwise, by path. */
  private static final Set<String> NOT_HERE =
      Set.of(
          "servers",
          "error-pages",
          "health.agent.host",
          "hooks.demote.command",
          "hooks.demote.required",
          "hooks.promote.command",
          "servers.url",
          "servers.health-host",
          "servers.zone",
          "servers.pods");

  private PolicySchema() {}

  /** The manifest. */
  static String text() {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setWidth(120);
    options.setIndent(2);
    options.setIndicatorIndent(2);
    options.setIndentWithIndicator(true);
    return "# Made from the records of a pool's settings: PolicySchemaTest writes it.\n"
        + new Yaml(options).dump(definition());
  }

  private static Map<String, Object> definition() {
    return ordered(
        "apiVersion",
        "apiextensions.k8s.io/v1",
        "kind",
        "CustomResourceDefinition",
        "metadata",
        ordered(
            "name",
            "failoverpolicies." + GROUP,
            "labels",
            ordered("app.kubernetes.io/name", "understudy", GATEWAY_GROUP + "/policy", "Direct"),
            "annotations",
            // Its removal would remove all policies.
            ordered("helm.sh/resource-policy", "keep")),
        "spec",
        ordered(
            "group",
            GROUP,
            "scope",
            "Namespaced",
            "names",
            ordered(
                "kind",
                "FailoverPolicy",
                "listKind",
                "FailoverPolicyList",
                "plural",
                "failoverpolicies",
                "singular",
                "failoverpolicy",
                "shortNames",
                List.of("fop"),
                "categories",
                List.of("gateway-api", "understudy")),
            "versions",
            List.of(version())));
  }

  private static Map<String, Object> version() {
    return ordered(
        "name",
        "v1alpha1",
        "served",
        true,
        "storage",
        true,
        "subresources",
        ordered("status", ordered()),
        "additionalPrinterColumns",
        List.of(
            column("Serving", STRING, ".status.serving"),
            column("Epoch", "integer", ".status.epoch"),
            column("Since", "date", ".status.since"),
            column("Accepted", STRING, ".status.conditions[?(@.type==\"Accepted\")].status")),
        "schema",
        ordered("openAPIV3Schema", whole()));
  }

  private static Map<String, Object> column(String name, String type, String path) {
    return ordered("name", name, TYPE, type, "jsonPath", path);
  }

  private static Map<String, Object> whole() {
    return ordered(
        DESCRIPTION,
        "The servers of a route, a rule of it or a Service as master and backups.",
        TYPE,
        OBJECT,
        REQUIRED,
        List.of("spec"),
        PROPERTIES,
        ordered(
            "apiVersion",
            ordered(TYPE, STRING),
            "kind",
            ordered(TYPE, STRING),
            "metadata",
            ordered(TYPE, OBJECT),
            "spec",
            spec(),
            "status",
            status()));
  }

  private static Map<String, Object> spec() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("targetRefs", targets());
    properties.put("servers", servers());
    properties.putAll(properties("", RawPool.class));
    return ordered(
        DESCRIPTION,
        "Targets and servers; all else is a pool of the dynamic file.",
        TYPE,
        OBJECT,
        REQUIRED,
        List.of("targetRefs", "servers"),
        PROPERTIES,
        properties);
  }

  private static Map<String, Object> targets() {
    return ordered(
        DESCRIPTION,
        "What the policy is for, in its own namespace: each rule of a route, or each rule that"
            + " leads to a Service alone.",
        TYPE,
        "array",
        "minItems",
        1,
        "maxItems",
        16,
        LIST_TYPE,
        "atomic",
        "items",
        ordered(
            TYPE,
            OBJECT,
            REQUIRED,
            List.of("group", "kind", "name"),
            PROPERTIES,
            ordered(
                "group",
                ordered(
                    DESCRIPTION,
                    GATEWAY_GROUP + ", or empty for a Service.",
                    TYPE,
                    STRING,
                    "enum",
                    List.of("", GATEWAY_GROUP)),
                "kind",
                ordered(
                    TYPE,
                    STRING,
                    "enum",
                    List.of("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "Service")),
                "name",
                text("", 253),
                "sectionName",
                text(
                    "The name of a rule of a route, or of a port of a Service. Left out: all.",
                    253)),
            "x-kubernetes-validations",
            List.of(
                ordered(
                    "rule",
                    "(self.kind == 'Service') == (self.group == '')",
                    "message",
                    "group: expected an empty one for a Service, "
                        + GATEWAY_GROUP
                        + " for a route"))));
  }

  private static Map<String, Object> servers() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put(
        "backendRef",
        ordered(
            DESCRIPTION,
            "A Service; one of another namespace needs a ReferenceGrant there.",
            TYPE,
            OBJECT,
            REQUIRED,
            List.of("name", "port"),
            PROPERTIES,
            ordered(
                "group",
                ordered(TYPE, STRING, "enum", List.of("")),
                "kind",
                ordered(TYPE, STRING, "enum", List.of("Service")),
                "name",
                text("", 63),
                "namespace",
                text("Left out: the policy's own.", 63),
                "port",
                ordered(
                    DESCRIPTION,
                    "A port of the Service, by its number.",
                    TYPE,
                    "integer",
                    "format",
                    "int32",
                    "minimum",
                    1,
                    "maximum",
                    65_535))));
    properties.putAll(properties("servers", RawPool.ServerEntry.class));
    @SuppressWarnings("unchecked") // made by scalar
    Map<String, Object> role = (Map<String, Object>) properties.get("role");
    properties.put(
        "pods",
        ordered(
            DESCRIPTION,
            "The roles of the Service's Pods by their names, in place of role; * is for all others."
                + " Pods without a role do not count.",
            TYPE,
            OBJECT,
            "minProperties",
            1,
            "maxProperties",
            DynamicFileLimits.SERVERS,
            "additionalProperties",
            ordered(TYPE, STRING, "enum", role.get("enum"))));
    return ordered(
        DESCRIPTION,
        "Backends in order of preference among those of the same role.",
        TYPE,
        "array",
        "minItems",
        1,
        "maxItems",
        DynamicFileLimits.SERVERS,
        LIST_TYPE,
        "atomic",
        "items",
        ordered(
            TYPE,
            OBJECT,
            REQUIRED,
            List.of("backendRef"),
            PROPERTIES,
            properties,
            "x-kubernetes-validations",
            List.of(
                ordered(
                    "rule",
                    "!(has(self.role) && has(self.pods))",
                    "message",
                    "role: expected in pods, for each Pod"))));
  }

  private static Map<String, Object> text(String description, int longest) {
    Map<String, Object> text = new LinkedHashMap<>();
    if (!description.isEmpty()) {
      text.put(DESCRIPTION, description);
    }
    text.putAll(ordered(TYPE, STRING, "minLength", 1, "maxLength", longest));
    return text;
  }

  private static Map<String, Object> status() {
    return ordered(
        DESCRIPTION,
        "What is so now, written by Understudy.",
        TYPE,
        OBJECT,
        PROPERTIES,
        ordered(
            "serving",
            ordered(
                DESCRIPTION,
                "The backend or Pod that serves; empty while none does.",
                TYPE,
                STRING),
            "epoch",
            ordered(
                DESCRIPTION,
                "Grows by one with each change of the serving server.",
                TYPE,
                "integer",
                "format",
                "int64"),
            "since",
            ordered(DESCRIPTION, "Since when it serves.", TYPE, STRING, "format", "date-time"),
            "conditions",
            ordered(
                TYPE,
                "array",
                "maxItems",
                8,
                LIST_TYPE,
                "map",
                "x-kubernetes-list-map-keys",
                List.of(TYPE),
                "items",
                condition())));
  }

  private static Map<String, Object> condition() {
    return ordered(
        TYPE,
        OBJECT,
        REQUIRED,
        List.of(TYPE, "status", "lastTransitionTime", "reason", "message"),
        PROPERTIES,
        ordered(
            TYPE,
            text("", 316),
            "status",
            ordered(TYPE, STRING, "enum", List.of("True", "False", "Unknown")),
            "observedGeneration",
            ordered(TYPE, "integer", "format", "int64", "minimum", 0),
            "lastTransitionTime",
            ordered(TYPE, STRING, "format", "date-time"),
            "reason",
            text("", 1_024),
            "message",
            ordered(TYPE, STRING, "maxLength", 32_768)));
  }

  private static Map<String, Object> properties(String path, Class<?> type) {
    Map<String, Object> properties = new LinkedHashMap<>();
    for (Component each : SectionType.of(type).keys().values()) {
      String below = path.isEmpty() ? each.key() : path + "." + each.key();
      if (!NOT_HERE.contains(below)) {
        Map<String, Object> property = new LinkedHashMap<>();
        property.put(DESCRIPTION, description(each));
        property.putAll(form(below, each));
        properties.put(each.key(), property);
      }
    }
    return properties;
  }

  /**
   * The sentences of the reference; a default is no default of the schema, which would be stored.
   */
  private static String description(Component component) {
    Setting.Default preset = component.rule(Setting.Default.class);
    boolean named = preset != null && preset.value().length > 0;
    return SettingsSchema.plain(component)
        + (named ? " Default: " + String.join(", ", preset.value()) + "." : "");
  }

  private static Map<String, ?> form(String path, Component component) {
    Class<?> type = component.of().getType();
    Setting.Entries entries = component.rule(Setting.Entries.class);
    if (component.rule(Setting.OneOrMore.class) != null) {
      // A map, or a list of maps: no type has both.
      return ordered("x-kubernetes-preserve-unknown-fields", true);
    }
    if (type.isRecord()) {
      return ordered(TYPE, OBJECT, PROPERTIES, properties(path, type));
    }
    if (entries == null) {
      return scalar(path, component, type);
    }
    Class<?> element = SettingsReference.element(component);
    if (type == Map.class) {
      return ordered(
          TYPE,
          OBJECT,
          "maxProperties",
          entries.max(),
          "additionalProperties",
          ordered(TYPE, STRING));
    }
    Map<String, Object> list = ordered(TYPE, "array", "maxItems", entries.max());
    list.put(LIST_TYPE, type == Set.class ? "set" : "atomic");
    list.put(
        "items",
        element.isRecord()
            ? ordered(TYPE, OBJECT, PROPERTIES, properties(path, element))
            : form(entries.items()));
    return list;
  }

  private static Map<String, Object> scalar(String path, Component component, Class<?> type) {
    if (path.endsWith("expect.status")) {
      return ordered("x-kubernetes-int-or-string", true);
    }
    if (type.isEnum()) {
      return ordered(
          TYPE,
          STRING,
          "enum",
          Arrays.stream(type.getEnumConstants())
              .map(each -> SettingNames.of((Enum<?>) each))
              .toList());
    }
    if (SettingsReference.isFlag(type)) {
      return ordered(TYPE, "boolean");
    }
    if (type == Duration.class) {
      return ordered(TYPE, STRING, PATTERN, "^[0-9]+(ns|us|ms|s|m|h|d)$", "maxLength", 20);
    }
    if (component.rule(Setting.Size.class) != null) {
      return ordered(TYPE, STRING, PATTERN, "^[0-9]+(B|KB|MB|GB)$", "maxLength", 20);
    }
    if (component.rule(Setting.Whole.class) instanceof Setting.Whole whole) {
      return ordered(
          TYPE, "integer", "format", "int32", "minimum", whole.min(), "maximum", whole.max());
    }
    return component.rule(Setting.Text.class) instanceof Setting.Text text
        ? form(text.value())
        : ordered(TYPE, STRING, "maxLength", 4_096);
  }

  private static Map<String, Object> form(TextFormat form) {
    List<Integer> most = new ArrayList<>();
    String regex =
        REPEATED.matcher(form.regex()).replaceAll(each -> repeated(each, most)).replace("(?:", "(");
    if (regex.startsWith("(?s).")) {
      boolean empty = regex.endsWith("*");
      return ordered(TYPE, STRING, "minLength", empty ? 0 : 1, "maxLength", 4_096);
    }
    Map<String, Object> text = ordered(TYPE, STRING, PATTERN, "^(" + regex + ")$");
    most.forEach(each -> text.put("maxLength", 4_096));
    return text;
  }

  private static String repeated(MatchResult each, List<Integer> most) {
    int highest = Integer.parseInt(each.group(2));
    if (highest <= MOST_REPEATED) {
      return each.group();
    }
    most.add(highest);
    return each.group(1).equals("0") ? "*" : "+";
  }
}
