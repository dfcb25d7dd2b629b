package dev.understudy.gatewayapi.object;

/**
 * The name of an object among those of its kind.
 *
 * @param namespace empty for objects of the cluster
 */
public record ObjectKey(String namespace, String name) implements Comparable<ObjectKey> {
  @Override
  public int compareTo(ObjectKey other) {
    int order = namespace.compareTo(other.namespace);
    return order == 0 ? name.compareTo(other.name) : order;
  }

  /** {@code namespace/name}, by which the specification orders objects of the same age. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
