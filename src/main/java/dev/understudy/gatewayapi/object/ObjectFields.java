package dev.understudy.gatewayapi.object;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Fields of an object of the API, with the defaults of the specification. */
final class ObjectFields {
  /** The most elements of a list that are read; the specification allows fewer in all of them. */
  private static final int MAX_ITEMS = 256;

  private ObjectFields() {}

  /** A text that must be there. */
  static String required(JsonNode node, String field) {
    String text = node.path(field).asString("");
    if (text.isEmpty()) {
      throw new IllegalArgumentException("no " + field);
    }
    return text;
  }

  static String text(JsonNode node, String field, String preset) {
    return node.path(field).asString(preset);
  }

  static @Nullable String optional(JsonNode node, String field) {
    String text = node.path(field).asString("");
    return text.isEmpty() ? null : text;
  }

  static @Nullable Integer number(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isInt() ? value.asInt() : null;
  }

  static <T> List<T> list(JsonNode list, Function<JsonNode, T> reader) {
    if (!list.isArray() && !list.isNull() && !list.isMissingNode()) {
      throw new IllegalArgumentException("something else where a list is expected");
    }
    List<T> read = new ArrayList<>();
    for (JsonNode each : list) {
      if (read.size() == MAX_ITEMS) {
        throw new IllegalArgumentException("a list of more than " + MAX_ITEMS + " elements");
      }
      read.add(reader.apply(each));
    }
    return read;
  }

  static List<String> texts(JsonNode list) {
    return list(list, each -> each.asString(""));
  }

  static Map<String, String> map(JsonNode map) {
    Map<String, String> read = new LinkedHashMap<>();
    map.forEachEntry((key, value) -> read.put(key, value.asString("")));
    return read;
  }

  /** A reference that has neither a namespace, as it is to the object's own, nor a port. */
  static Reference localReference(JsonNode node, String kind, String namespace) {
    return new Reference(
        text(node, "group", ""), text(node, "kind", kind), namespace, required(node, "name"), null);
  }

  /** A reference whose namespace, if left out, is the object's own. */
  static Reference reference(JsonNode node, String group, String kind, String namespace) {
    return new Reference(
        text(node, "group", group),
        text(node, "kind", kind),
        text(node, "namespace", namespace),
        required(node, "name"),
        number(node, "port"));
  }
}
