package dev.understudy.config;

import dev.understudy.pool.SectionType;
import dev.understudy.pool.SectionType.Component;
import dev.understudy.pool.Setting;
import dev.understudy.pool.SettingValue;
import dev.understudy.pool.TextFormat;
import dev.understudy.text.Words;
import java.lang.annotation.Annotation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of the tree, whose shape was checked. Each setting that is left out has its
 * default, and so has one whose value cannot be converted, is out of its bounds or does not go with
 * others, after it was reported.
 */
record RecordReader(Placeholders placeholders, Problems problems) {
  /** Reads a section; one that is left out has its defaults. */
  <T> T read(@Nullable MapNode map, Class<T> type) {
    return read(map, type, Map.of());
  }

  /**
   * Reads a section.
   *
   * @param presets defaults of this section alone, by their keys, which precede the type's own
   */
  <T> T read(@Nullable MapNode map, Class<T> type, Map<String, ?> presets) {
    SectionType<T> section = SectionType.of(type);
    List<Component> components = section.components();
    @Nullable Object[] values = new @Nullable Object[components.size()];
    for (int i = 0; i < values.length; i++) {
      Component each = components.get(i);
      Object value =
          each.isInline()
              ? read(map, each.of().getType(), presets)
              : map == null ? null : component(map.get(each.key()), each);
      values[i] = value == null ? preset(each, presets) : value;
    }
    while (true) {
      try {
        return section.make(values);
      } catch (Setting.Invalid e) {
        putBack(e, Objects.requireNonNull(map), components, values, presets);
      }
    }
  }

  private static @Nullable Object preset(Component component, Map<String, ?> presets) {
    Object given = presets.get(component.key());
    return given == null ? component.preset() : given;
  }

  /** Reports a setting that does not go with others, and puts its default in its place. */
  private void putBack(
      Setting.Invalid invalid,
      MapNode map,
      List<Component> components,
      @Nullable Object[] values,
      Map<String, ?> presets) {
    for (int i = 0; i < values.length; i++) {
      Component each = components.get(i);
      Object preset = preset(each, presets);
      Node node = map.get(each.key());
      if (each.key().equals(invalid.key()) && node != null && !Objects.equals(values[i], preset)) {
        problems.wrong(node, invalid.expected());
        values[i] = preset;
        return;
      }
    }
    throw invalid;
  }

  private @Nullable Object component(@Nullable Node node, Component component) {
    if (node == null
        || component.rule(Setting.Free.class) != null
        || component.rule(Setting.OfObjects.class) != null) {
      return null;
    }
    if (node instanceof ScalarNode scalar) {
      return scalar(scalar, component.of().getType(), component.rules());
    }
    if (problems.isReported(node.path())) {
      return null;
    }
    return switch (node) {
      case ListNode list when component.of().getGenericType() instanceof ParameterizedType ->
          texts(list, component);
      case MapNode map -> structure(map, component.of().getGenericType());
      default -> null;
    };
  }

  private @Nullable Object structure(MapNode map, Type type) {
    if (problems.isReported(map.path())) {
      return null;
    }
    return switch (type) {
      case ParameterizedType of -> entries(map, of.getActualTypeArguments()[1]);
      case Class<?> record when record.isRecord() -> read(map, record);
      default -> null;
    };
  }

  private @Nullable Map<String, Object> entries(MapNode map, Type type) {
    Map<String, Object> entries = new LinkedHashMap<>();
    map.entries()
        .forEach(
            (key, node) -> {
              Object value =
                  switch (node) {
                    case ScalarNode scalar when type == String.class -> text(scalar);
                    case MapNode below -> structure(below, type);
                    default -> null;
                  };
              if (value != null) {
                entries.put(key, value);
              }
            });
    return entries.isEmpty() ? null : Collections.unmodifiableMap(entries);
  }

  /** Reads a list of texts, or a set of them; null if an item is broken, or none. */
  private @Nullable Collection<String> texts(ListNode list, Component component) {
    Setting.Entries rule = component.rule(Setting.Entries.class);
    TextFormat form = rule == null ? TextFormat.ANY : rule.items();
    boolean once = component.of().getType() == Set.class;
    Collection<String> texts = once ? new LinkedHashSet<>() : new ArrayList<>();
    for (Node each : list.items()) {
      String text = each instanceof ScalarNode scalar ? text(scalar) : null;
      if (text == null) {
        return null;
      }
      if (form != TextFormat.ANY && !form.fits(text)) {
        problems.wrong(each, form.expected());
      } else if (!texts.add(text)) {
        problems.wrong(each, "each " + Words.singular(component.key()) + " once");
      }
    }
    return texts;
  }

  /** Returns a text without a form; null if it was reported. */
  @Nullable String text(ScalarNode scalar) {
    return (String) scalar(scalar, String.class, List.of());
  }

  /** Returns a value; null if it is invalid or was reported. */
  private @Nullable Object scalar(ScalarNode scalar, Class<?> type, List<Annotation> rules) {
    if (problems.isReported(scalar.path())) {
      return null;
    }
    try {
      return SettingValue.of(placeholders.resolve(scalar.text()), type, rules);
    } catch (Placeholders.Unresolved e) {
      problems.wrong(scalar, e.expected());
      return null;
    } catch (IllegalArgumentException e) {
      // Reported below, without the exception's text, which repeats the value.
    }
    problems.wrong(scalar, SettingValue.expected(type, rules));
    return null;
  }
}
