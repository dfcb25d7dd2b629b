package dev.understudy.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects the problems of one file.
 *
 * <p>A property is reported only once: after a problem of the property, or of one that contains it,
 * later findings about it are noise.
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

  /** Reports that {@code node} is not as expected, with its value. */
  void wrong(Node node, String expected) {
    add(node.at(), node.path(), ProblemValue.show(node), "expected " + expected);
  }

  /** Reports a problem of {@code node} without its value. */
  void add(Node node, String message) {
    add(node.at(), node.path(), null, message);
  }

  /** Reports that {@code map} lacks {@code key}, unless a misspelt key stands for it. */
  void missing(MapNode map, String key, String expected) {
    String path = PropertyPaths.child(map.path(), key);
    if (!excused.contains(path)) {
      add(map.at(), path, "nothing", "expected " + expected);
    }
  }

  /** Reports a problem of a key of {@code map}. */
  void key(MapNode map, String key, @Nullable String value, String message) {
    add(map.keyAt(key), PropertyPaths.child(map.path(), key), value, message);
  }

  void add(Position at, String path, @Nullable String value, String message) {
    if (!isReported(path)) {
      reported.add(path);
      keep(new Problem(file, at.line(), at.column(), path, value, message));
    }
  }

  /** Reports a problem of a position without a property; may be repeated. */
  void addAt(Position at, String message) {
    keep(new Problem(file, at.line(), at.column(), "", null, message));
  }

  /** Counts every problem and keeps the first 1000. */
  private void keep(Problem problem) {
    if (count++ < DynamicFileLimits.PROBLEMS) {
      found.add(problem);
    }
  }

  /** Records that a misspelt key stands for this property, so that it does not count as missing. */
  void markAsMisspelt(String path) {
    excused.add(path);
  }

  /** Whether a problem of this property, or of one that contains it, was reported. */
  boolean isReported(String path) {
    if (reported.isEmpty()) {
      return false;
    }
    for (String each = path; !each.isEmpty(); each = PropertyPaths.parent(each)) {
      if (reported.contains(each)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a problem of this property, of one that contains it, or of one in it was reported. */
  boolean isAnyIn(String path) {
    if (reported.isEmpty()) {
      return false;
    }
    return isReported(path) || reported.stream().anyMatch(each -> PropertyPaths.isIn(each, path));
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
