package dev.understudy.gatewayapi.object;

import java.util.Map;

/** A ConfigMap. */
public record ConfigMap(Meta meta, Map<String, String> data) implements ClusterObject {
  public ConfigMap {
    data = Map.copyOf(data);
  }

  @Override
  public ObjectKind kind() {
    return ObjectKind.CONFIG_MAP;
  }
}
