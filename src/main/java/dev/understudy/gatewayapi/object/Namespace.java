package dev.understudy.gatewayapi.object;

/** A Namespace, of which only the labels count. */
public record Namespace(Meta meta) implements ClusterObject {
  @Override
  public ObjectKind kind() {
    return ObjectKind.NAMESPACE;
  }
}
