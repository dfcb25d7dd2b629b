package dev.understudy.agreement.etcd;

import dev.understudy.agreement.http.JsonObjects;
import dev.understudy.agreement.register.Document;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * Converts a document to and from a key's value: {@code
 * {"schema":1,"holder":"a","transitions":3,"acquired":"…", "renewed":"…","attributes":{…}}}. Later
 * schemas only add fields, so each of them can be read.
 */
final class Documents {
  private static final int SCHEMA = 1;

  private Documents() {}

  static String write(Document document) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("schema", SCHEMA);
    fields.put("holder", document.holder());
    fields.put("transitions", document.transitions());
    fields.put("acquired", document.acquired().toString());
    fields.put("renewed", document.renewed().toString());
    fields.put("attributes", new TreeMap<>(document.attributes()));
    return GatewayJson.write(fields);
  }

  /**
   * Reads a value. If somebody damaged it by hand, all that can be read is kept and everything else
   * is empty: its key still has a revision, at which it can be written anew.
   */
  static Document read(String value) {
    JsonNode object;
    try {
      object = JsonObjects.object(value);
    } catch (IllegalArgumentException e) {
      return new Document("", 0, Instant.EPOCH, Instant.EPOCH, Map.of());
    }
    Map<String, String> attributes = new HashMap<>();
    object
        .path("attributes")
        .properties()
        .forEach(
            attribute -> {
              if (attribute.getValue().isString()) {
                attributes.put(attribute.getKey(), attribute.getValue().stringValue());
              }
            });
    return new Document(
        GatewayJson.text(object, "holder"),
        transitions(object),
        Document.time(GatewayJson.text(object, "acquired")),
        Document.time(GatewayJson.text(object, "renewed")),
        attributes);
  }

  private static long transitions(JsonNode object) {
    try {
      return Math.max(0, GatewayJson.number(object, "transitions"));
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }
}
