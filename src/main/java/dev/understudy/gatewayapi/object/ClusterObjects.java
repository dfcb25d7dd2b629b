package dev.understudy.gatewayapi.object;

import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All objects that are known, at one moment. */
public final class ClusterObjects {
  private final Map<ObjectKind, Map<ObjectKey, ClusterObject>> objects;

  /** By the namespaces that they open. */
  private final Map<String, List<ReferenceGrant>> grants;

  /**
   * @param objects by kind and key; a kind that is left out has none
   */
  public ClusterObjects(Map<ObjectKind, Map<ObjectKey, ClusterObject>> objects) {
    this.objects =
        objects.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Map.Entry::getKey, each -> Map.copyOf(each.getValue())));
    this.grants =
        all(ObjectKind.REFERENCE_GRANT, ReferenceGrant.class).stream()
            .collect(Collectors.groupingBy(grant -> grant.meta().namespace()));
  }

  /** Objects of any kinds. */
  public static ClusterObjects of(Collection<? extends ClusterObject> all) {
    return new ClusterObjects(
        all.stream()
            .collect(
                Collectors.groupingBy(
                    ClusterObject::kind,
                    Collectors.toMap(
                        ClusterObject::key, each -> each, (a, b) -> b, TreeMap::new))));
  }

  /** These, and others. */
  public ClusterObjects with(Collection<? extends ClusterObject> others) {
    Map<ObjectKind, Map<ObjectKey, ClusterObject>> all = new EnumMap<>(ObjectKind.class);
    objects.forEach((kind, of) -> all.put(kind, new HashMap<>(of)));
    for (ClusterObject each : others) {
      all.computeIfAbsent(each.kind(), kind -> new HashMap<>()).put(each.key(), each);
    }
    return new ClusterObjects(all);
  }

  /** All objects of a kind, the oldest first. */
  public <T extends ClusterObject> List<T> all(ObjectKind kind, Class<T> type) {
    return objects.getOrDefault(kind, Map.of()).values().stream()
        .sorted(ClusterObject.OLDEST_FIRST)
        .map(type::cast)
        .toList();
  }

  /** All routes of all kinds, the oldest first. */
  public List<Route> routes() {
    return ObjectKind.ROUTES.stream()
        .flatMap(kind -> all(kind, Route.class).stream())
        .sorted(ClusterObject.OLDEST_FIRST)
        .toList();
  }

  /** One object; null if it is not known. */
  public <T extends ClusterObject> @Nullable T get(ObjectKind kind, ObjectKey key, Class<T> type) {
    ClusterObject found = objects.getOrDefault(kind, Map.of()).get(key);
    return found == null ? null : type.cast(found);
  }

  /** The labels of a namespace; none if it is not known. */
  public Map<String, String> labelsOf(String namespace) {
    Namespace found = get(ObjectKind.NAMESPACE, new ObjectKey("", namespace), Namespace.class);
    return found == null ? Map.of() : found.meta().labels();
  }

  /**
   * Whether an object may refer to another one: in its own namespace always, else by a
   * ReferenceGrant of the other namespace.
   */
  public boolean mayRefer(ObjectKind who, String namespace, Reference target) {
    return namespace.equals(target.namespace())
        || grants.getOrDefault(target.namespace(), List.of()).stream()
            .anyMatch(grant -> grant.permits(who, namespace, target));
  }
}
