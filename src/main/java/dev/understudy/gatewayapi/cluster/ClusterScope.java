package dev.understudy.gatewayapi.cluster;

import dev.understudy.gatewayapi.object.ObjectKind;
import java.util.List;

/**
 * The namespaces whose objects count.
 *
 * @param namespaces empty for all
 * @param secrets those of Secrets, where the right to read them is given for each namespace; empty
 *     for {@code namespaces}
 */
public record ClusterScope(List<String> namespaces, List<String> secrets) {
  /** All namespaces. */
  public static final ClusterScope ALL = new ClusterScope(List.of(), List.of());

  /** Each kind has a watch for each of them. */
  public static final int MAX_NAMESPACES = 32;

  public ClusterScope {
    namespaces = List.copyOf(namespaces);
    secrets = List.copyOf(secrets);
    if (namespaces.size() > MAX_NAMESPACES || secrets.size() > MAX_NAMESPACES) {
      throw new IllegalArgumentException(
          "expected at most %d namespaces, found %d; without any, all are watched at once"
              .formatted(MAX_NAMESPACES, Math.max(namespaces.size(), secrets.size())));
    }
  }

  /** Where objects of a kind are listed and watched; an empty name is the whole cluster. */
  List<String> of(ObjectKind kind) {
    if (kind.isClusterScoped()) {
      return List.of("");
    }
    List<String> named = kind == ObjectKind.SECRET && !secrets.isEmpty() ? secrets : namespaces;
    return named.isEmpty() ? List.of("") : named;
  }
}
