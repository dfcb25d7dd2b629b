package dev.understudy.haproxy.syntax;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Environment variables as the lines read so far have set them, and the names of those that were
 * asked for and are not set.
 */
final class Variables {
  private final Function<String, @Nullable String> environment;
  private final Map<String, String> set = new HashMap<>();
  private final Set<String> unset = new HashSet<>();
  private final Set<String> missing = new TreeSet<>();
  private boolean cleared;

  Variables(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  @Nullable String get(String name) {
    String own = set.get(name);
    return own != null || cleared || unset.contains(name) ? own : environment.apply(name);
  }

  /** The value, else an empty text, as HAProxy reads it. */
  String getOrEmpty(String name) {
    String value = get(name);
    if (value == null) {
      missing.add(name);
    }
    return value == null ? "" : value;
  }

  /** Obeys {@code setenv}, {@code presetenv}, {@code unsetenv} and {@code resetenv}. */
  void obey(Statement statement) {
    switch (statement.keyword()) {
      case "setenv" -> set(statement.word(1), statement.word(2));
      case "presetenv" -> {
        if (get(statement.word(1)) == null) {
          set(statement.word(1), statement.word(2));
        }
      }
      case "unsetenv" -> statement.from(1).forEach(this::unset);
      case "resetenv" -> reset(statement);
      default -> {}
    }
  }

  private void set(String name, String value) {
    unset.remove(name);
    set.put(name, value);
  }

  private void unset(String name) {
    set.remove(name);
    unset.add(name);
  }

  private void reset(Statement statement) {
    Map<String, String> kept = new HashMap<>();
    for (String name : statement.from(1)) {
      String value = get(name);
      if (value != null) {
        kept.put(name, value);
      }
    }
    set.clear();
    set.putAll(kept);
    cleared = true;
  }

  /** Names of variables that had no value when a line asked for them. */
  Set<String> missing() {
    return missing;
  }
}
