package dev.understudy.haproxy.yaml;

import java.util.ArrayList;
import java.util.List;

/** A map, whose entries keep their order and have comments above them. */
public final class YamlMap implements YamlNode {
  record Entry(String key, YamlNode value, List<String> comments) {}

  private final boolean flow;
  private final List<Entry> entries = new ArrayList<>();

  private YamlMap(boolean flow) {
    this.flow = flow;
  }

  /** A map with an entry on each line. */
  public static YamlMap block() {
    return new YamlMap(false);
  }

  /** A map on one line. */
  public static YamlMap flow() {
    return new YamlMap(true);
  }

  /** Adds an entry. */
  public YamlMap put(String key, YamlNode value) {
    return put(key, value, List.of());
  }

  /** Adds a text. */
  public YamlMap put(String key, String value) {
    return put(key, YamlScalar.text(value), List.of());
  }

  /** Adds a number. */
  public YamlMap put(String key, long value) {
    return put(key, YamlScalar.number(value), List.of());
  }

  /** Adds a boolean. */
  public YamlMap put(String key, boolean value) {
    return put(key, YamlScalar.bool(value), List.of());
  }

  /** Adds an entry with comments above it. */
  public YamlMap put(String key, YamlNode value, List<String> comments) {
    entries.add(new Entry(key, value, List.copyOf(comments)));
    return this;
  }

  /** Adds all entries of another map. */
  public YamlMap putAll(YamlMap other) {
    entries.addAll(other.entries);
    return this;
  }

  /** Whether it has a key. */
  public boolean has(String key) {
    return entries.stream().anyMatch(entry -> entry.key().equals(key));
  }

  /** Whether it has no entry. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether it is written on lines of its own. */
  boolean isBlock() {
    return !flow && !isEmpty();
  }

  List<Entry> entries() {
    return entries;
  }
}
