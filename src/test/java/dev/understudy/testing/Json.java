package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Documents of which a test states a part. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES).build();

  private Json() {}

  /** That text as JSON, where names need no quotes. */
  public static JsonNode of(String text) {
    return MAPPER.readTree(text);
  }

  /**
   * Asserts that each member that {@code expected} names is there with exactly that value, however
   * deep; lists have all their elements.
   *
   * @param expected JSON, where names need no quotes
   */
  public static void assertHas(JsonNode document, String expected) {
    JsonNode part = of(expected);
    assertThat(named(document, part)).as(document.toString()).isEqualTo(part);
  }

  /** What the document has of the members that are named there. */
  private static JsonNode named(JsonNode document, JsonNode names) {
    if (document instanceof ObjectNode && names instanceof ObjectNode) {
      ObjectNode part = MAPPER.createObjectNode();
      for (String name : names.propertyNames()) {
        if (document.has(name)) {
          part.set(name, named(document.get(name), names.get(name)));
        }
      }
      return part;
    }
    if (document instanceof ArrayNode && names instanceof ArrayNode) {
      ArrayNode part = MAPPER.createArrayNode();
      for (int i = 0; i < document.size(); i++) {
        part.add(i < names.size() ? named(document.get(i), names.get(i)) : document.get(i));
      }
      return part;
    }
    return document;
  }
}
