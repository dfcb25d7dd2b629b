package dev.understudy.gatewayapi.cluster;

import dev.understudy.gatewayapi.object.ObjectKind;
import java.util.List;

/**
 * The namespaces whose objects count.
 *
 * @param namespaces empty for all
 * @param secrets those of Secrets, where the right to read them is given for each namespace; empty
 *     for {@code namespaces}
 * @param configMaps those of ConfigMaps, likewise
 * @param ingress whether Ingresses count
 */
public record ClusterScope(
    List<String> namespaces, List<String> secrets, List<String> configMaps, boolean ingress) {
  /** All namespaces. */
  public static final ClusterScope ALL = new ClusterScope(List.of(), List.of(), List.of(), false);

  /** Each kind has a watch for each of them. */
  public static final int MAX_NAMESPACES = 32;

  public ClusterScope {
    namespaces = List.copyOf(namespaces);
    secrets = List.copyOf(secrets);
    configMaps = List.copyOf(configMaps);
    for (List<String> each : List.of(namespaces, secrets, configMaps)) {
      if (each.size() > MAX_NAMESPACES) {
        throw new IllegalArgumentException(
            "expected at most %d namespaces, found %d; without any, all are watched at once"
                .formatted(MAX_NAMESPACES, each.size()));
      }
    }
  }

  /** Where objects of a kind are listed and watched; an empty name is the whole cluster. */
  List<String> of(ObjectKind kind) {
    if (kind.isClusterScoped()) {
      return List.of("");
    }
    List<String> own =
        switch (kind) {
          case SECRET -> secrets;
          case CONFIG_MAP -> configMaps;
          default -> List.of();
        };
    List<String> named = own.isEmpty() ? namespaces : own;
    return named.isEmpty() ? List.of("") : named;
  }
}
