package dev.understudy.gatewayapi.object;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Fields of an object of the API, or of a part of it, with the defaults of the specification. */
record ObjectFields(JsonNode node) {
  /** The most elements of a list that are read; the specification allows fewer in all of them. */
  private static final int MAX_ITEMS = 256;

  /** The fields of a part; of none if it is not there. */
  ObjectFields at(String field) {
    return new ObjectFields(node.path(field));
  }

  boolean has(String field) {
    return node.has(field);
  }

  /** A text that must be there. */
  String required(String field) {
    String text = text(field);
    if (text.isEmpty()) {
      throw new IllegalArgumentException("no " + field);
    }
    return text;
  }

  /** A text; empty if it is not there. */
  String text(String field) {
    return text(field, "");
  }

  String text(String field, String preset) {
    return node.path(field).asString(preset);
  }

  @Nullable String optional(String field) {
    String text = text(field);
    return text.isEmpty() ? null : text;
  }

  @Nullable Integer number(String field) {
    JsonNode value = node.path(field);
    return value.isInt() ? value.asInt() : null;
  }

  int number(String field, int preset) {
    Integer number = number(field);
    return number == null ? preset : number;
  }

  <T> List<T> list(String field, Function<ObjectFields, T> reader) {
    JsonNode list = node.path(field);
    if (!list.isArray() && !list.isNull() && !list.isMissingNode()) {
      throw new IllegalArgumentException("something else where a list is expected");
    }
    if (list.size() > MAX_ITEMS) {
      throw new IllegalArgumentException("a list of more than " + MAX_ITEMS + " elements");
    }
    List<T> read = new ArrayList<>();
    list.forEach(each -> read.add(reader.apply(new ObjectFields(each))));
    return read;
  }

  List<String> texts(String field) {
    return list(field, each -> each.node.asString(""));
  }

  Map<String, String> map(String field) {
    Map<String, String> read = new LinkedHashMap<>();
    node.path(field).forEachEntry((key, value) -> read.put(key, value.asString("")));
    return read;
  }

  /** A reference that has neither a namespace, as it is to the object's own, nor a port. */
  Reference localReference(String kind, String namespace) {
    return new Reference(text("group"), text("kind", kind), namespace, required("name"), null);
  }

  /** A reference whose namespace, if left out, is the object's own, and whose kind a preset. */
  Reference reference(ObjectKind preset, String namespace) {
    return new Reference(
        text("group", preset.group()),
        text("kind", preset.kind()),
        text("namespace", namespace),
        required("name"),
        number("port"));
  }
}
