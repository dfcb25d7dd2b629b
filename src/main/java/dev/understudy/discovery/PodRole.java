package dev.understudy.discovery;

import tools.jackson.databind.JsonNode;

/** The value of a Pod's role label. */
record PodRole(String uid, String value) {
  static PodRole read(JsonNode pod, String label) {
    JsonNode metadata = pod.path("metadata");
    return new PodRole(
        metadata.path("uid").asString(""), metadata.path("labels").path(label).asString(""));
  }
}
