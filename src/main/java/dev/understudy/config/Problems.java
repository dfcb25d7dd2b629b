package dev.understudy.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything found wrong with one file so far.
 *
 * <p>A property is reported once: what is said of it, or of what holds it, makes later findings
 * about it noise.
 */
final class Problems {
  private final String file;
  private final List<Problem> found = new ArrayList<>();
  private final Set<String> reported = new HashSet<>();
  private final Set<String> excused = new HashSet<>();
  private int count;

  Problems(String file) {
    this.file = file;
  }

  /** Says that {@code node} is not what is expected, and shows it. */
  void wrong(Node node, String expected) {
    add(node.at(), node.path(), Found.show(node), "expected " + expected);
  }

  /** Says something of {@code node} without showing what it holds. */
  void add(Node node, String message) {
    add(node.at(), node.path(), null, message);
  }

  /** Says that {@code map} lacks {@code key}, unless a misspelt key is known to stand for it. */
  void missing(MapNode map, String key, String expected) {
    String path = Paths.child(map.path(), key);
    if (!excused.contains(path)) {
      add(map.at(), path, "nothing", "expected " + expected);
    }
  }

  void add(Position at, String path, @Nullable String value, String message) {
    if (!isReported(path)) {
      reported.add(path);
      keep(new Problem(file, at.line(), at.column(), path, value, message));
    }
  }

  /** Says something of a place that is no property; may be said more than once. */
  void addAt(Position at, String message) {
    keep(new Problem(file, at.line(), at.column(), "", null, message));
  }

  /** Counts them all, and keeps as many as a person may want to read. */
  private void keep(Problem problem) {
    if (count++ < Limits.PROBLEMS) {
      found.add(problem);
    }
  }

  /** A misspelt key stands for this property, so that it is not missing. */
  void excuse(String path) {
    excused.add(path);
  }

  /** Whether something was said of this property or of one that holds it. */
  boolean isReported(String path) {
    if (reported.isEmpty()) {
      return false;
    }
    for (String each = path; !each.isEmpty(); each = Paths.parent(each)) {
      if (reported.contains(each)) {
        return true;
      }
    }
    return false;
  }

  /** Whether something was said of this property, or of one in it. */
  boolean isAnyIn(String path) {
    if (reported.isEmpty()) {
      return false;
    }
    return isReported(path) || reported.stream().anyMatch(each -> Paths.isIn(each, path));
  }

  int count() {
    return count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  List<Problem> inOrder() {
    return found.stream().sorted(Problem.BY_PLACE).toList();
  }
}
