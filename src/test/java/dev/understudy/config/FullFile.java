package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.SectionType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The file that has every key, and the keys that the raw records have. */
final class FullFile {
  /** Where one key of ours stands. */
  record Key(String pattern, String path, Position at, Node value, RecordComponent component) {}

  private FullFile() {}

  static String text() {
    try (var in = FullFile.class.getResourceAsStream("full.yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every key of the raw records, names of pools and servers and indexes written as {@code *}. */
  static Set<String> allKeys() {
    Set<String> keys = new LinkedHashSet<>();
    SettingsReference.visit("", RawFile.class, (path, component) -> keys.add(path));
    return keys;
  }

  /** Every key of ours in a file, with its place. */
  static List<Key> keysOf(String text) {
    Problems problems = new Problems("full.yaml");
    List<Key> keys = new ArrayList<>();
    collect(TreeReader.read(text, problems), "", RawFile.class, keys);
    return keys;
  }

  private static void collect(MapNode map, String prefix, Class<?> type, List<Key> to) {
    SectionType.of(type)
        .keys()
        .forEach(
            (key, setting) -> {
              RecordComponent component = setting.of();
              Node value = map.get(key);
              if (value == null) {
                return;
              }
              String pattern = prefix.isEmpty() ? key : prefix + "." + key;
              to.add(new Key(pattern, value.path(), map.keyAt(key), value, component));
              below(value, pattern, component.getGenericType(), to);
            });
  }

  private static void below(Node value, String pattern, Type type, List<Key> to) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      Type element = arguments[arguments.length - 1];
      switch (value) {
        case MapNode map ->
            map.entries().values().forEach(each -> below(each, pattern + ".*", element, to));
        case ListNode list ->
            list.items().forEach(each -> below(each, pattern + ".*", element, to));
        case ScalarNode scalar -> {}
      }
    } else if (value instanceof MapNode map
        && type instanceof Class<?> record
        && record.isRecord()
        && record != RoutePart.class) {
      collect(map, pattern, record, to);
    } else if (value instanceof ListNode several
        && type instanceof Class<?> record
        && record.isRecord()) {
      several.items().forEach(each -> below(each, pattern, type, to));
    }
  }
}
