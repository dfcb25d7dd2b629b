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
final class GatewayJson {
  private static final JsonMapper JSON = new JsonMapper();

  private GatewayJson() {}

  /**
   * Parses one object.
   *
   * @throws IllegalArgumentException if the bytes are not one JSON object
   */
  static JsonNode object(byte[] bytes) {
    JsonNode node;
    try {
      node = JSON.readTree(bytes);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException("no JSON object");
    }
    return node;
  }

  static byte[] bytes(Object value) {
    return JSON.writeValueAsBytes(value);
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
      throw new IllegalArgumentException(field + " is no number", e);
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
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** Reads bytes; none if they were left out. */
  static byte[] bytesAt(JsonNode object, String field) {
    return Base64.getDecoder().decode(text(object, field));
  }
}
