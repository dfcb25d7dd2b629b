package dev.understudy.agreement.etcd;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON in the gateway's mapping of protocol buffers: int64 as strings, bytes in base64, and fields
 * with zero values left out.
 */
final class EtcdJson {
  private static final JsonMapper JSON = JsonMapper.shared();

  private EtcdJson() {}

  static String write(Object value) {
    return JSON.writeValueAsString(value);
  }

  /** Reads JSON of any kind; null if it is none. */
  static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JacksonException e) {
      return JSON.nullNode();
    }
  }

  /** Reads an int64; 0 if it was left out. */
  static long number(JsonNode object, String field) {
    JsonNode value = object.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return 0;
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return value.longValue();
    }
    try {
      return Long.parseLong(text(object, field));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(field + " is not a number", e);
    }
  }

  /** Reads a bool; false if it was left out. */
  static boolean flag(JsonNode object, String field) {
    JsonNode value = object.path(field);
    return value.isBoolean() && value.booleanValue();
  }

  /** Reads a string; empty if it was left out or is not a string. */
  static String text(JsonNode object, String field) {
    JsonNode value = object.path(field);
    return value.isString() ? value.stringValue() : "";
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads text in base64; empty if it was left out. */
  static String decoded(JsonNode object, String field) {
    return new String(Base64.getDecoder().decode(text(object, field)), StandardCharsets.UTF_8);
  }
}
