package dev.understudy.kubernetes;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a mirror asks of the JSON of an object. */
final class MirroredJson {
  private static final String METADATA = "metadata";

  private MirroredJson() {}

  /** The key: {@code namespace/name}, or the name of an object without a namespace. */
  static String key(JsonNode object) {
    JsonNode metadata = object.path(METADATA);
    String namespace = metadata.path("namespace").asString("");
    String name = metadata.path("name").asString("");
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }

  /** The bytes that count for limits, once it was read: without what nobody reads. */
  static int size(JsonNode object) {
    if (object.path(METADATA) instanceof ObjectNode metadata) {
      var unused = metadata.remove("managedFields");
    }
    return object.toString().length();
  }
}
