package dev.understudy.kubernetes;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Objects by their keys, within limits: those whose keys come first, in the order of the API's
 * lists. What is left out does not depend on the order in which objects came, so that all replicas
 * leave out the same.
 */
final class BoundedObjects<T> {
  private final ObjectMirror.Limits limits;
  private final NavigableMap<String, T> kept = new TreeMap<>();
  private final Map<String, Integer> sizes = new HashMap<>();
  private long bytes;

  /** The first key that was left out: nothing from it on is kept. Null if nothing was. */
  private @Nullable String end;

  BoundedObjects(ObjectMirror.Limits limits) {
    this.limits = limits;
  }

  /** Keeps an object, and leaves out those behind the limits. */
  void put(String key, T object, int size) {
    if (end != null && key.compareTo(end) >= 0) {
      return;
    }
    remove(key);
    kept.put(key, object);
    sizes.put(key, size);
    bytes += size;
    while (kept.size() > limits.objects() || bytes > limits.bytes()) {
      end = kept.lastKey();
      remove(end);
    }
  }

  /**
   * Removes an object.
   *
   * @return null if it was not kept
   */
  @Nullable T remove(String key) {
    bytes -= sizes.getOrDefault(key, 0);
    sizes.remove(key);
    return kept.remove(key);
  }

  @Nullable T get(String key) {
    return kept.get(key);
  }

  /** The first key that was left out; null if nothing was. */
  @Nullable String end() {
    return end;
  }

  /** What is kept, by keys; changes with it. */
  Map<String, T> all() {
    return Collections.unmodifiableMap(kept);
  }
}
