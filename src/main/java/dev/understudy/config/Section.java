package dev.understudy.config;

import org.jspecify.annotations.Nullable;

/** A map of the file as the mappers see it: present or not, and where to put a problem. */
final class Section {
  private final @Nullable MapNode map;
  private final Problems problems;

  Section(@Nullable MapNode map, Problems problems) {
    this.map = map;
    this.problems = problems;
  }

  Section child(String key) {
    return new Section(map == null ? null : map.map(key), problems);
  }

  boolean isPresent() {
    return map != null;
  }

  boolean has(String key) {
    return map != null && map.get(key) != null;
  }

  /** Whether that key is good so far, so that comparing it with others makes sense. */
  boolean isGood(String key) {
    return map == null || !problems.isReported(Paths.child(map.path(), key));
  }

  /** Says that the value of that key should be something else. */
  void wrong(String key, String expected) {
    Node node = map == null ? null : map.get(key);
    if (node != null) {
      problems.wrong(node, expected);
    }
  }

  /** The items or entries below a key, for problems of their own. */
  @Nullable Node node(String key) {
    return map == null ? null : map.get(key);
  }

  Problems problems() {
    return problems;
  }
}
