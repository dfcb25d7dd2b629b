package dev.understudy.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A map of the file, in its order.
 *
 * @param keys where each key stands
 */
record MapNode(String path, Position at, Map<String, Node> entries, Map<String, Position> keys)
    implements Node {
  @Nullable Node get(String key) {
    return entries.get(key);
  }

  /** The map of that key, or null if it is none. */
  @Nullable MapNode map(String key) {
    return entries.get(key) instanceof MapNode map ? map : null;
  }

  Position keyAt(String key) {
    return keys.getOrDefault(key, at);
  }
}
