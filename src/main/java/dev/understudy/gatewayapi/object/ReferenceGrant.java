package dev.understudy.gatewayapi.object;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A ReferenceGrant: what other namespaces may refer to in its own. */
public record ReferenceGrant(Meta meta, List<From> from, List<To> to) implements ClusterObject {
  /** Who may refer. */
  public record From(String group, String kind, String namespace) {}

  /**
   * To what.
   *
   * @param name null for all objects of the kind
   */
  public record To(String group, String kind, @Nullable String name) {}

  public ReferenceGrant {
    from = List.copyOf(from);
    to = List.copyOf(to);
  }

  @Override
  public ObjectKind kind() {
    return ObjectKind.REFERENCE_GRANT;
  }

  /** Whether it permits an object of that kind and namespace to refer to {@code target}. */
  public boolean permits(ObjectKind who, String namespace, Reference target) {
    return meta.namespace().equals(target.namespace())
        && from.stream()
            .anyMatch(
                each -> who.is(each.group(), each.kind()) && each.namespace().equals(namespace))
        && to.stream()
            .anyMatch(
                each ->
                    each.group().equals(target.group())
                        && each.kind().equals(target.kind())
                        && (each.name() == null || each.name().equals(target.name())));
  }
}
