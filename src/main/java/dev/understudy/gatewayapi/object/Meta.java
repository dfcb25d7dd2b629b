package dev.understudy.gatewayapi.object;

import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What every object has.
 *
 * @param revision its resourceVersion
 * @param generation of its spec, which status names as observed
 * @param created the older of two objects wins where they conflict
 * @param status as the API has it; an empty object if there is none
 */
public record Meta(
    ObjectKey key,
    String uid,
    String revision,
    long generation,
    Instant created,
    Map<String, String> labels,
    JsonNode status) {
  public Meta {
    labels = Map.copyOf(labels);
  }

  public String namespace() {
    return key.namespace();
  }
}
