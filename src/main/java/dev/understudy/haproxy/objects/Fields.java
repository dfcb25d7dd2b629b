package dev.understudy.haproxy.objects;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps and lists as YAML has them. */
final class Fields {
  private Fields() {}

  /** A map with texts as keys; an empty one for what is none. */
  static Map<String, Object> map(@Nullable Object node) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (node instanceof Map<?, ?> of) {
      of.forEach((key, value) -> map.put(String.valueOf(key), value));
    }
    return map;
  }

  static List<Object> list(@Nullable Object node) {
    return node instanceof List<?> of ? List.copyOf(of) : List.of();
  }

  /**
   * @param all keys and texts by turns
   */
  static Map<String, Object> of(Object... all) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < all.length; i += 2) {
      map.put(String.valueOf(all[i]), all[i + 1]);
    }
    return map;
  }

  static Map<String, Object> object(
      String version, String kind, String name, Map<String, Object> spec) {
    Map<String, Object> metadata = of("name", name);
    return of("apiVersion", version, "kind", kind, "metadata", metadata, "spec", spec);
  }

  /** Removes what is at a path of keys with dots; returns whether it was there. */
  static boolean remove(Map<String, Object> from, String path) {
    String[] keys = path.split("\\.", 2);
    if (keys.length == 1 || !(from.get(keys[0]) instanceof Map<?, ?>)) {
      return from.remove(keys[0]) != null;
    }
    Map<String, Object> below = map(from.get(keys[0]));
    boolean removed = remove(below, keys[1]);
    from.put(keys[0], below);
    return removed;
  }
}
