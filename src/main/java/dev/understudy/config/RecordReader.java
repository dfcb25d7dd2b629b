package dev.understudy.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes raw records of the tree, whose shape was checked. What was reported is left out, and so is
 * each value that cannot be converted, or is out of its bounds, after it was reported.
 */
final class RecordReader {
  private final ScalarReader scalars;
  private final Problems problems;

  RecordReader(Placeholders placeholders, Problems problems) {
    this.scalars = new ScalarReader(placeholders, problems);
    this.problems = problems;
  }

  /** Reads the map; null if it has no value that can be read. */
  <T> @Nullable T read(MapNode map, Class<T> type) {
    Map<String, RecordComponent> keys = Keys.of(type);
    @Nullable Object[] values = new @Nullable Object[keys.size()];
    boolean any = false;
    int index = 0;
    for (Map.Entry<String, RecordComponent> each : keys.entrySet()) {
      Object value = component(map.get(each.getKey()), each.getValue());
      any |= value != null;
      values[index++] = value;
    }
    return any ? make(type, values) : null;
  }

  private @Nullable Object component(@Nullable Node node, RecordComponent component) {
    if (node == null || component.isAnnotationPresent(Constraint.Free.class)) {
      return null;
    }
    return node instanceof ScalarNode scalar
        ? scalars.read(scalar, component.getType(), component.getAnnotations())
        : structure(node, component.getGenericType());
  }

  private @Nullable Object structure(Node node, Type type) {
    if (problems.isReported(node.path())) {
      return null;
    }
    return switch (node) {
      case MapNode map when type instanceof ParameterizedType of ->
          entries(map, of.getActualTypeArguments()[1]);
      case MapNode map when type instanceof Class<?> record -> read(map, record);
      case ListNode list when type instanceof ParameterizedType -> texts(list);
      default -> null;
    };
  }

  private @Nullable Map<String, Object> entries(MapNode map, Type type) {
    Map<String, Object> entries = new LinkedHashMap<>();
    map.entries()
        .forEach(
            (key, node) -> {
              Object value =
                  node instanceof ScalarNode scalar && type == String.class
                      ? scalars.read(scalar, String.class)
                      : structure(node, type);
              if (value != null) {
                entries.put(key, value);
              }
            });
    return entries.isEmpty() ? null : Collections.unmodifiableMap(entries);
  }

  /** Reads a list of texts; null if an item is broken, or none. */
  private @Nullable List<String> texts(ListNode list) {
    List<String> texts = new ArrayList<>();
    for (Node each : list.items()) {
      String text = each instanceof ScalarNode scalar ? scalars.read(scalar, String.class) : null;
      if (text == null) {
        return null;
      }
      texts.add(text);
    }
    return Collections.unmodifiableList(texts);
  }

  private static <T> T make(Class<T> type, @Nullable Object[] values) {
    Class<?>[] types =
        Keys.of(type).values().stream().map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<T> canonical = type.getDeclaredConstructor(types);
      return canonical.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " is no record that can be made here", e);
    }
  }
}
