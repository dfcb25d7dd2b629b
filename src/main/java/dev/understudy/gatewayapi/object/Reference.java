package dev.understudy.gatewayapi.object;

import org.jspecify.annotations.Nullable;

/**
 * A reference to another object, in a namespace that is known.
 *
 * @param group empty for the core's
 * @param port null if it names none
 */
public record Reference(
    String group, String kind, String namespace, String name, @Nullable Integer port) {
  /** Creates a reference to an object without a port. */
  public static Reference to(ObjectKind kind, ObjectKey key) {
    return new Reference(kind.group(), kind.kind(), key.namespace(), key.name(), null);
  }

  public boolean isOf(ObjectKind wanted) {
    return wanted.is(group, kind);
  }

  /** The same object at another port. */
  public Reference withPort(@Nullable Integer other) {
    return new Reference(group, kind, namespace, name, other);
  }

  public ObjectKey key() {
    return new ObjectKey(namespace, name);
  }

  /** {@code Service shop/app}, for people. */
  @Override
  public String toString() {
    return kind + " " + key();
  }
}
