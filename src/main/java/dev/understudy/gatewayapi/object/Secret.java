package dev.understudy.gatewayapi.object;

import java.util.Map;

/**
 * A Secret.
 *
 * @param data decoded, as far as it is text
 */
public record Secret(Meta meta, Map<String, String> data) implements ClusterObject {
  public Secret {
    data = Map.copyOf(data);
  }

  @Override
  public ObjectKind kind() {
    return ObjectKind.SECRET;
  }

  /** Omits the data. */
  @Override
  public String toString() {
    return "Secret[" + key() + ", " + data.keySet() + "]";
  }
}
