package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.understudy.deploy.Manifests;
import dev.understudy.pages.GeneratedText;
import dev.understudy.pages.Pages;
import dev.understudy.testing.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The definition of FailoverPolicies is made from the records, and one that API servers take. */
class PolicySchemaTest {
  private static final Path FILE = Path.of("deploy/kubernetes/gateway-api/failoverpolicies.yaml");

  /** Bytes of which an annotation of {@code kubectl apply} has room. */
  private static final int MOST_BYTES = 200_000;

  private static final Pattern EXAMPLE =
      Pattern.compile("(?s)```yaml\\n((?:(?!```).)*?kind: FailoverPolicy.*?)```");

  /** Keywords that a structural schema may have in any place; the others are refused there. */
  private static final Set<String> ALLOWED =
      Set.of(
          "description",
          "type",
          "format",
          "properties",
          "required",
          "additionalProperties",
          "items",
          "enum",
          "pattern",
          "minimum",
          "maximum",
          "minLength",
          "maxLength",
          "minItems",
          "maxItems",
          "minProperties",
          "maxProperties",
          "x-kubernetes-list-type",
          "x-kubernetes-list-map-keys",
          "x-kubernetes-int-or-string",
          "x-kubernetes-preserve-unknown-fields",
          "x-kubernetes-validations");

  private static final Set<String> TYPES =
      Set.of("object", "array", "string", "integer", "boolean");

  private static JsonNode definition() {
    return Manifests.parse(Pages.read(FILE)).get(0);
  }

  private static JsonNode schema() {
    return definition().at("/spec/versions/0/schema/openAPIV3Schema");
  }

  @Test
  void the_definition_is_made_from_the_records() {
    GeneratedText.require(FILE, PolicySchema.text());
    assertThat(Pages.read(FILE).length()).isLessThan(MOST_BYTES);
  }

  @Test
  void the_schema_is_structural() {
    List<String> faults = new ArrayList<>();
    check("", schema(), faults);
    assertThat(faults).isEmpty();
  }

  /** What is not structural is found: the check itself. */
  @Rows(
      """
      {} | : no type
      { type: [string, integer] } | : no type; : two types
      { type: object, properties: { a: { type: string } }, additionalProperties: { type: string } } | : both properties and additionalProperties
      { type: object, additionalProperties: false } | /additionalProperties: not a schema
      { type: array } | : an array without items
      { type: string, uniqueItems: true } | : uniqueItems
      { type: object, properties: { a: { $ref: b } } } | /properties/a: no type; /properties/a: $ref
      { type: string, default: a } | : default
      { type: string, pattern: "(?=a)" } | : a pattern that Go does not know
      { type: string, pattern: "a{1,2000}" } | : a pattern that Go does not know
      { type: object, required: [a], properties: { b: { type: string } } } | : requires a, which it has not
      """)
  void what_is_not_structural_is_found(String schema, String faults) {
    List<String> found = new ArrayList<>();
    check("", Manifests.parse(schema).get(0), found);
    assertThat(String.join("; ", found)).isEqualTo(faults);
  }

  private static void check(String path, JsonNode schema, List<String> faults) {
    if (!schema.isObject()) {
      faults.add(path + ": not a schema");
      return;
    }
    boolean untyped =
        schema.path("x-kubernetes-int-or-string").asBoolean(false)
            || schema.path("x-kubernetes-preserve-unknown-fields").asBoolean(false);
    if (!untyped && !TYPES.contains(schema.path("type").asString(""))) {
      faults.add(path + ": no type");
    }
    if (schema.path("type").isArray()) {
      faults.add(path + ": two types");
    }
    if (schema.has("properties") && schema.has("additionalProperties")) {
      faults.add(path + ": both properties and additionalProperties");
    }
    if (schema.path("type").asString("").equals("array") && !schema.has("items")) {
      faults.add(path + ": an array without items");
    }
    schema.propertyNames().stream()
        .filter(each -> !ALLOWED.contains(each))
        .forEach(each -> faults.add(path + ": " + each));
    if (!isOfGo(schema.path("pattern").asString(""))) {
      faults.add(path + ": a pattern that Go does not know");
    }
    for (JsonNode each : schema.path("required")) {
      if (!schema.path("properties").has(each.asString())) {
        faults.add(path + ": requires " + each.asString() + ", which it has not");
      }
    }
    for (Map.Entry<String, JsonNode> each : schema.path("properties").properties()) {
      check(path + "/properties/" + each.getKey(), each.getValue(), faults);
    }
    for (String below : List.of("items", "additionalProperties")) {
      if (schema.has(below)) {
        check(path + "/" + below, schema.path(below), faults);
      }
    }
  }

  /** Whether a pattern has neither what looks around nor what is repeated too often. */
  private static boolean isOfGo(String pattern) {
    Matcher repeated = Pattern.compile("\\{(\\d+)(?:,(\\d*))?}").matcher(pattern);
    while (repeated.find()) {
      String most = repeated.group(2) == null ? repeated.group(1) : repeated.group(2);
      if (!most.isEmpty() && Integer.parseInt(most) > 1_000) {
        return false;
      }
    }
    return !pattern.contains("(?=")
        && !pattern.contains("(?!")
        && !pattern.contains("(?<")
        && !pattern.matches(".*\\\\[1-9].*");
  }

  /** As {@code kubectl} validates: what the schema does not know is refused. */
  private static Schema strict() {
    JsonNode copy = schema().deepCopy();
    forbidUnknown(copy);
    ((ObjectNode) copy.path("properties").path("metadata")).remove("additionalProperties");
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(copy);
  }

  private static void forbidUnknown(JsonNode node) {
    if (node instanceof ObjectNode object && object.path("properties").isObject()) {
      object.put("additionalProperties", false);
    }
    if (node instanceof ObjectNode || node instanceof ArrayNode) {
      node.forEach(PolicySchemaTest::forbidUnknown);
    }
  }

  static List<JsonNode> examples() {
    List<JsonNode> examples = new ArrayList<>();
    for (Path page : Pages.ofUsers()) {
      Matcher found = EXAMPLE.matcher(Pages.read(page));
      while (found.find()) {
        Manifests.parse(found.group(1)).stream()
            .filter(each -> each.path("kind").asString().equals("FailoverPolicy"))
            .forEach(examples::add);
      }
    }
    return examples;
  }

  @Test
  void every_policy_of_the_pages_fits() {
    assertThat(examples()).hasSizeGreaterThan(1);
    for (JsonNode example : examples()) {
      assertThat(strict().validate(example.toString(), InputFormat.JSON))
          .as(example.toString())
          .isEmpty();
    }
  }

  /** A change of the first example, and the place that is refused; nothing for what fits. */
  @Rows(
      """
      # what fits
      hold: { time: 10s, body: 64KB } |
      health: { type: tcp, steps: [{ send: x }, { expect: { hex: 2b } }] } |
      health: { expect: [{ status: 200 }, { status: "200-299", not: { body: x } }] } |
      health: { headers: { X-A: b }, fall: 3 } |
      servers: [{ backendRef: { name: a, port: 80 }, pods: { a-0: master, "*": backup } }] |
      retry: { methods: [GET, HEAD] } |
      # what does not
      hold: { time: 10 } | /spec/hold/time:
      hold: { time: soon } | /spec/hold/time:
      hold: { tme: 10s } | /spec/hold: tme:
      mode: both | /spec/mode:
      health: { fall: 0 } | /spec/health/fall:
      health: { fall: three } | /spec/health/fall:
      servers: [] | /spec/servers:
      servers: [{ role: master }] | /spec/servers/0: backendRef:
      servers: [{ backendRef: { name: a } }] | /spec/servers/0/backendRef: port:
      servers: [{ backendRef: { name: a, port: 80 }, url: "http://a" }] | /spec/servers/0: url:
      servers: [{ backendRef: { name: a, port: 80 }, role: boss }] | /spec/servers/0/role:
      servers: [{ backendRef: { name: a, port: 80 }, pods: { a: boss } }] | /spec/servers/0/pods/a:
      hooks: { promote: { command: [x] } } | /spec/hooks/promote: command:
      error-pages: {} | /spec: error-pages:
      targetRefs: [{ group: "", kind: Pod, name: a }] | /spec/targetRefs/0/kind:
      """)
  void a_policy_is_refused_before_it_is_stored(
      String change, @org.jspecify.annotations.Nullable String message) {
    ObjectNode policy = (ObjectNode) examples().getFirst().deepCopy();
    JsonNode changes = Manifests.parse(change).get(0);
    changes.forEachEntry((key, value) -> ((ObjectNode) policy.path("spec")).set(key, value));
    String faults =
        String.join(
            "; ",
            strict().validate(policy.toString(), InputFormat.JSON).stream()
                .map(Object::toString)
                .toList());
    if (message == null) {
      assertThat(faults).isEmpty();
    } else {
      assertThat(faults).startsWith(message);
    }
  }

  /** Each setting that a policy may have passes both the schema and the program. */
  @Test
  void all_settings_of_a_pool_are_those_of_a_policy() {
    ObjectNode spec =
        (ObjectNode) Manifests.parse(FullFile.text()).get(0).path("pools").path("sense").deepCopy();
    spec.remove("error-pages");
    ((ObjectNode) spec.path("health").path("agent")).remove("host");
    spec.set(
        "servers",
        Manifests.parse(
                """
                - backendRef: { name: a, port: 80 }
                  role: backup
                  max-requests: 7
                  weight: 2
                  count: 3
                  health-port: 81
                  role-label: a=b
                """)
            .get(0));
    spec.set("targetRefs", examples().getFirst().path("spec").path("targetRefs"));
    for (String hook : List.of("demote", "promote")) {
      JsonNode written = spec.path("hooks").path(hook);
      if (written instanceof ObjectNode object) {
        object.remove("command");
      }
    }
    ObjectNode policy = JsonMapper.shared().createObjectNode();
    policy.set("spec", spec);

    assertThat(strict().validate(policy.toString(), InputFormat.JSON)).isEmpty();
    Set<String> known = new java.util.TreeSet<>();
    names("", schema().path("properties").path("spec"), known);
    known.removeIf(each -> each.startsWith("servers.") || each.startsWith("targetRefs."));
    assertThat(known).contains("health.agent.port", "hooks.promote.url", "tls.server-name");
  }

  private static void names(String path, JsonNode schema, Set<String> names) {
    schema
        .path("properties")
        .forEachEntry(
            (key, value) -> {
              String below = path.isEmpty() ? key : path + "." + key;
              names.add(below);
              names(below, value, names);
            });
  }
}
