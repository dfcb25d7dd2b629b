package dev.understudy.kubernetes;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Objects by their keys, within limits: of each namespace those whose keys come first within its
 * share, and of all these those whose keys come first, in the order of the API's lists. A namespace
 * with more than its share counts with the whole share. So what is left out does not depend on the
 * order in which objects came, and all replicas leave out the same.
 */
final class BoundedObjects<T> {
  /** What a namespace has. */
  private static final class Use {
    int objects;
    long bytes;

    /** The first key that was left out as the share was used up; null if none was. */
    @Nullable String end;
  }

  private final MirrorLimits limits;
  private final NavigableMap<String, T> kept = new TreeMap<>();
  private final Map<String, Integer> sizes = new HashMap<>();
  private final Map<String, Use> uses = new HashMap<>();

  /** The ends of all namespaces that have more than their share. */
  private final NavigableSet<String> ends = new TreeSet<>();

  private int objects;
  private long bytes;

  /** The first key that was left out of all: nothing from it on is kept. Null if nothing was. */
  private @Nullable String end;

  BoundedObjects(MirrorLimits limits) {
    this.limits = limits;
  }

  /**
   * Keeps an object, and leaves out those behind the limits.
   *
   * @return whether an object was left out that was kept before, or this one at the end
   */
  boolean put(String key, T object, int size) {
    if (isBehind(end, key)) {
      return false;
    }
    String namespace = namespace(key);
    Use use = uses.computeIfAbsent(namespace, each -> new Use());
    if (isBehind(use.end, key)) {
      return false;
    }
    discard(key);
    kept.put(key, object);
    sizes.put(key, size);
    count(use, 1, size);
    int before = kept.size();
    while (isOver(namespace, use)) {
      // The character behind the one between a namespace and a name.
      String last = kept.headMap(namespace + "0", false).lastKey();
      discard(last);
      cut(use, last);
    }
    while (objects > limits.objects() || bytes > limits.bytes()) {
      cutLast();
    }
    return kept.size() < before;
  }

  private static boolean isBehind(@Nullable String end, String key) {
    return end != null && key.compareTo(end) >= 0;
  }

  /** Empty for an object without one. */
  private static String namespace(String key) {
    return key.substring(0, Math.max(0, key.indexOf('/')));
  }

  private boolean isOver(String namespace, Use use) {
    return limits.shares() > 1
        && !namespace.isEmpty()
        && (use.objects > limits.objects() / limits.shares()
            || use.bytes > limits.bytes() / limits.shares());
  }

  /** Leaves out what comes last of all that counts: an object, or the rest of a share. */
  private void cutLast() {
    String share = ends.isEmpty() ? "" : ends.last();
    String object = kept.isEmpty() ? "" : kept.lastKey();
    if (share.compareTo(object) > 0) {
      cut(uses.getOrDefault(namespace(share), new Use()), null);
      end = share;
    } else {
      discard(object);
      end = object;
    }
  }

  private void cut(Use use, @Nullable String at) {
    weigh(use, -1);
    if (use.end != null) {
      ends.remove(use.end);
    }
    use.end = at;
    if (at != null) {
      ends.add(at);
    }
    weigh(use, 1);
  }

  private void count(Use use, int more, int size) {
    weigh(use, -1);
    use.objects += more;
    use.bytes += size;
    weigh(use, 1);
  }

  /** Adds what a namespace counts for all, or takes it away. */
  private void weigh(Use use, int sign) {
    boolean whole = use.end != null;
    objects += sign * (whole ? limits.objects() / limits.shares() : use.objects);
    bytes += sign * (whole ? limits.bytes() / limits.shares() : use.bytes);
  }

  private void discard(String key) {
    Integer size = sizes.remove(key);
    Use use = uses.get(namespace(key));
    if (size != null && use != null) {
      count(use, -1, -size);
    }
    kept.remove(key);
  }

  /**
   * Removes an object.
   *
   * @return null if it was not kept
   */
  @Nullable T remove(String key) {
    T removed = kept.get(key);
    discard(key);
    String namespace = namespace(key);
    Use use = uses.get(namespace);
    if (use != null && use.objects == 0 && use.end == null) {
      uses.remove(namespace);
    }
    return removed;
  }

  @Nullable T get(String key) {
    return kept.get(key);
  }

  /** The first key that was left out of all; null if nothing was. */
  @Nullable String end() {
    return end;
  }

  /** What is left out, for people, by namespaces; under no name what is left out of all. */
  Map<String, String> leftOut() {
    Map<String, String> places = new TreeMap<>();
    for (String each : ends) {
      places.put(
          namespace(each), "those of namespace %s from %s on".formatted(namespace(each), each));
    }
    if (end != null) {
      places.put("", "all from %s on".formatted(end));
    }
    return places;
  }

  /** What is kept, by keys; changes with it. */
  Map<String, T> all() {
    return Collections.unmodifiableMap(kept);
  }
}
