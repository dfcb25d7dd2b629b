package dev.understudy.status;

import dev.understudy.text.Printable;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A value of a JSON document. Reading is lenient: an absent field, {@code null} and a value of
 * another type are alike, so that documents of other versions can be read.
 *
 * <p>Built on Jackson's streaming parser alone: data binding would take longer to load than all
 * else that a command does.
 *
 * @param value a map, a list, a string, a number or a boolean; null if absent
 */
public record JsonValue(@Nullable Object value) {
  private static final JsonValue ABSENT = new JsonValue(null);
  private static final JsonFactory FACTORY = new JsonFactory();

  /** Parses a document; absent if the bytes are not one. */
  public static JsonValue parse(byte[] bytes) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return ABSENT;
      }
      JsonValue document = new JsonValue(read(parser, first));
      return parser.nextToken() == null ? document : ABSENT;
    } catch (JacksonException e) {
      return ABSENT;
    }
  }

  /** Writes an object whose fields are texts, booleans and lists of texts. */
  public static byte[] bytes(Map<String, Object> fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      fields.forEach(
          (name, value) -> {
            if (value instanceof Boolean flag) {
              json.writeBooleanProperty(name, flag);
            } else if (value instanceof List<?> texts) {
              json.writeArrayPropertyStart(name);
              texts.forEach(text -> json.writeString(text.toString()));
              json.writeEndArray();
            } else {
              json.writeStringProperty(name, value.toString());
            }
          });
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static @Nullable Object read(JsonParser parser, @Nullable JsonToken token) {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getString();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case null, default -> null;
    };
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      fields.put(name, read(parser, parser.nextToken()));
    }
    return fields;
  }

  private static List<@Nullable Object> array(JsonParser parser) {
    List<@Nullable Object> elements = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      elements.add(read(parser, token));
    }
    return elements;
  }

  /** Returns a field of an object. */
  public JsonValue at(String name) {
    return new JsonValue(value instanceof Map<?, ?> fields ? fields.get(name) : null);
  }

  /** The elements of an array; empty if this is none. */
  public List<JsonValue> list() {
    return value instanceof List<?> values
        ? values.stream().map(JsonValue::new).toList()
        : List.of();
  }

  /** The fields of an object, in order; empty if this is none. */
  public Map<String, JsonValue> fields() {
    Map<String, JsonValue> fields = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> values) {
      values.forEach((name, each) -> fields.put(String.valueOf(name), new JsonValue(each)));
    }
    return fields;
  }

  public boolean isObject() {
    return value instanceof Map;
  }

  public boolean isArray() {
    return value instanceof List;
  }

  /** A string, made safe for a terminal; null if this is none. */
  public @Nullable String text() {
    return value instanceof String text ? Printable.escaped(text) : null;
  }

  /** A string or, if this is none, the given one. */
  public String text(String otherwise) {
    String text = text();
    return text == null ? otherwise : text;
  }

  /** A number; null if this is none. */
  public @Nullable Double number() {
    return value instanceof Number number ? number.doubleValue() : null;
  }

  /** A whole number; 0 if this is none. */
  public long whole() {
    return value instanceof Number number ? number.longValue() : 0;
  }

  /** Whether this is {@code true}. */
  public boolean flag() {
    return Boolean.TRUE.equals(value);
  }
}
