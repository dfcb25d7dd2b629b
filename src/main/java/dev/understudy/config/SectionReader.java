package dev.understudy.config;

import org.jspecify.annotations.Nullable;

/** A map of the file, possibly absent, and the problems to report to. */
record SectionReader(@Nullable MapNode map, Problems problems) {
  SectionReader child(String key) {
    return new SectionReader(map == null ? null : map.map(key), problems);
  }

  boolean has(String key) {
    return node(key) != null;
  }

  /**
   * Whether the key stands in this map itself: not inherited from {@code pool-defaults}, whose
   * other settings may fit it.
   */
  boolean hasOwn(String key) {
    Node node = node(key);
    return map != null && node != null && PropertyPaths.isIn(node.path(), map.path());
  }

  /** Whether no problem of that key was reported, so that it can be compared with others. */
  boolean isGood(String key) {
    Node node = node(key);
    return map == null
        || !problems.isReported(node == null ? PropertyPaths.child(map.path(), key) : node.path());
  }

  /**
   * Reports that the value of that key is not as expected.
   *
   * @param expected in words; null if nothing is wrong
   */
  void wrong(String key, @Nullable String expected) {
    Node node = node(key);
    if (node != null && expected != null) {
      problems.wrong(node, expected);
    }
  }

  /** Whether no problem in the map was reported, so that its parts can be compared. */
  boolean isClean() {
    return map == null || !problems.isAnyIn(map.path());
  }

  /** Reports that the map as a whole is not as expected, unless a part of it is wrong. */
  void wrongWhole(String expected) {
    if (map != null && isClean()) {
      problems.add(map, "expected " + expected);
    }
  }

  /** Reports that the map lacks a key. */
  void missing(String key, String expected) {
    if (map != null) {
      problems.missing(map, key, expected);
    }
  }

  /** The node at a key, for problems of its items or entries; null if absent. */
  @Nullable Node node(String key) {
    return map == null ? null : map.get(key);
  }

  /** Reports a key that stands in this map itself, but belongs to others. */
  void onlyWith(String key, String what) {
    Node node = node(key);
    if (node != null && hasOwn(key)) {
      problems.add(node, "expected only with " + what);
    }
  }
}
