package dev.understudy.agreement.etcd;

import dev.understudy.agreement.http.JsonObjectSplitter;
import dev.understudy.agreement.register.RegisterDocument;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * Converts a document to and from a key's value: {@code
 * {"schema":1,"holder":"a","transitions":3,"acquired":"…", "renewed":"…","attributes":{…}}}. Later
 * schemas only add fields, so each of them can be read.
 */
final class EtcdDocumentCodec {
  private static final int SCHEMA = 1;

  private static final Set<String> FIELDS =
      Set.of("schema", "holder", "transitions", "acquired", "renewed", "attributes");

  private EtcdDocumentCodec() {}

  static String write(RegisterDocument document) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("schema", SCHEMA);
    fields.put("holder", document.holder());
    fields.put("transitions", document.transitions());
    fields.put("acquired", document.acquired().toString());
    fields.put("renewed", document.renewed().toString());
    Map<String, String> attributes = new TreeMap<>();
    fields.put("attributes", attributes);
    new TreeMap<>(document.attributes())
        .forEach(
            (name, value) -> {
              if (name.startsWith(RegisterDocument.FOREIGN)) {
                fields.putIfAbsent(
                    name.substring(RegisterDocument.FOREIGN.length()), EtcdJson.tree(value));
              } else {
                attributes.put(name, value);
              }
            });
    return EtcdJson.write(fields);
  }

  /**
   * Reads a value. If somebody damaged it by hand, all that can be read is kept and everything else
   * is empty: its key still has a revision, at which it can be written anew.
   */
  static RegisterDocument read(String value) {
    JsonNode object;
    try {
      object = JsonObjectSplitter.object(value);
    } catch (IllegalArgumentException e) {
      return new RegisterDocument("", 0, Instant.EPOCH, Instant.EPOCH, Map.of());
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
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!FIELDS.contains(field.getKey())) {
        attributes.put(RegisterDocument.FOREIGN + field.getKey(), field.getValue().toString());
      }
    }
    return new RegisterDocument(
        EtcdJson.text(object, "holder"),
        transitions(object),
        RegisterDocument.time(EtcdJson.text(object, "acquired")),
        RegisterDocument.time(EtcdJson.text(object, "renewed")),
        attributes);
  }

  private static long transitions(JsonNode object) {
    try {
      return Math.max(0, EtcdJson.number(object, "transitions"));
    } catch (IllegalArgumentException e) {
      return 0;
    }
  }
}
