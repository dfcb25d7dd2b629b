package dev.understudy.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A map of the file, in the file's order.
 *
 * @param keys the position of each key
 */
record MapNode(String path, Position at, Map<String, Node> entries, Map<String, Position> keys)
    implements Node {
  @Nullable Node get(String key) {
    return entries.get(key);
  }

  /** The value at a key of the map at another key; null if there is none. */
  @Nullable Node get(String section, String key) {
    return entries.get(section) instanceof MapNode map ? map.get(key) : null;
  }

  /** The map at the key; null if there is none or the value is not a map. */
  @Nullable MapNode map(String key) {
    return entries.get(key) instanceof MapNode map ? map : null;
  }

  Position keyAt(String key) {
    return keys.getOrDefault(key, at);
  }
}
