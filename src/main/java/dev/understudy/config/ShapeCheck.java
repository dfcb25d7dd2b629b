package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.SectionType;
import dev.understudy.pool.SectionType.Component;
import dev.understudy.pool.Setting;
import dev.understudy.pool.SettingValue;
import dev.understudy.text.Suggestions;
import java.lang.annotation.Annotation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks the tree against the raw records: unknown and missing keys, a list instead of a map, too
 * many entries, names of the wrong form.
 */
final class ShapeCheck {

  private final Problems problems;

  /** Whether mandatory keys must be there. */
  private boolean mandatory = true;

  ShapeCheck(Problems problems) {
    this.problems = problems;
  }

  void check(MapNode root) {
    record(root, RawFile.class);
  }

  /** Checks the settings that pools inherit; what is mandatory may stand in each pool. */
  void poolDefaults(MapNode map) {
    Map<String, Component> keys = new LinkedHashMap<>(SectionType.of(RawPool.class).keys());
    Setting.OfAllPools settings =
        Objects.requireNonNull(
            SectionType.of(RawFile.class).key(PoolDefaults.KEY).rule(Setting.OfAllPools.class));
    for (String key : settings.without()) {
      keys.remove(key);
      if (map.get(key) != null) {
        problems.key(map, key, null, "expected in each pool, not among the defaults of all");
      }
    }
    mandatory = false;
    record(map, keys);
    mandatory = true;
  }

  private void record(MapNode map, Class<?> type) {
    record(map, SectionType.of(type).keys());
  }

  private void record(MapNode map, Map<String, Component> keys) {
    unknownKeys(map, keys);
    keys.forEach(
        (key, component) -> {
          Node value = map.get(key);
          if (value != null) {
            value(value, component.of().getGenericType(), component.rules());
          }
          if (mandatory) {
            required(map, key, value, component.rule(Setting.Required.class));
          }
        });
  }

  private void unknownKeys(MapNode map, Map<String, ?> known) {
    for (String key : map.entries().keySet()) {
      if (!known.containsKey(key)) {
        String nearest = Suggestions.nearest(key, known.keySet());
        if (nearest != null && map.get(nearest) == null) {
          problems.markAsMisspelt(PropertyPaths.child(map.path(), nearest));
        }
        problems.key(
            map,
            key,
            null,
            Suggestions.unknown("key", key, known.keySet()) + ProblemValue.invisible(key));
      }
    }
  }

  private void required(
      MapNode map, String key, @Nullable Node value, Setting.@Nullable Required required) {
    if (required == null) {
      return;
    }
    if (value == null) {
      problems.missing(map, key, required.value());
    } else if (value instanceof MapNode entries && entries.entries().isEmpty()) {
      problems.add(value.at(), value.path(), "an empty map", "expected " + required.value());
    } else if (value instanceof ListNode list && list.items().isEmpty()) {
      problems.add(value.at(), value.path(), "an empty list", "expected " + required.value());
    }
  }

  private void value(Node node, Type type, List<Annotation> rules) {
    if (SectionType.rule(rules, Setting.OfAllPools.class) != null) {
      if (!(node instanceof MapNode)) {
        problems.wrong(node, "a map");
      }
    } else if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      Type element = arguments[arguments.length - 1];
      if (generic.getRawType() == Map.class) {
        entries(node, element, bounds(rules));
      } else {
        items(node, element, bounds(rules));
      }
    } else if (type == RoutePart.class) {
      routePart(node);
    } else if (type == Object.class) {
      anything(node);
    } else if (type instanceof Class<?> plain && plain.isRecord()) {
      Setting.OneOrMore several = SectionType.rule(rules, Setting.OneOrMore.class);
      if (node instanceof MapNode map) {
        record(map, plain);
      } else if (several != null && node instanceof ListNode list) {
        maps(list, plain, several);
      } else {
        problems.wrong(node, "a map");
      }
    } else {
      scalar(node, (Class<?>) type, rules);
    }
  }

  /** Checks the list form of a section. */
  private void maps(ListNode list, Class<?> type, Setting.OneOrMore several) {
    int size = list.items().size();
    if (size == 0 || list.items().stream().noneMatch(MapNode.class::isInstance)) {
      problems.wrong(list, "a map, or a list of maps");
    } else if (size > several.max()) {
      problems.add(
          list.at(), list.path(), String.valueOf(size), "expected at most " + several.max());
    } else {
      list.items().forEach(each -> value(each, type, List.of()));
    }
  }

  private void entries(Node node, Type element, Setting.Entries rule) {
    if (!(node instanceof MapNode map)) {
      problems.wrong(node, "a map");
      return;
    }
    tooMany(node, map.entries().size(), rule);
    map.entries()
        .forEach(
            (key, value) -> {
              if (!rule.keys().fits(key)) {
                problems.key(
                    map,
                    key,
                    ProblemValue.quoteAndName(key),
                    "expected the name to be " + rule.keys().expected());
              }
              value(value, element, List.of());
            });
  }

  private void items(Node node, Type element, Setting.Entries rule) {
    if (!(node instanceof ListNode list)) {
      problems.wrong(node, "a list");
      return;
    }
    tooMany(node, list.items().size(), rule);
    for (Node each : list.items()) {
      value(each, element, List.of());
    }
  }

  private void tooMany(Node node, int size, Setting.Entries rule) {
    if (size > rule.max()) {
      problems.add(node.at(), node.path(), String.valueOf(size), "expected at most " + rule.max());
    }
  }

  private static Setting.Entries bounds(List<Annotation> rules) {
    return Objects.requireNonNull(
        SectionType.rule(rules, Setting.Entries.class), "a map or list without bounds");
  }

  /** Checks a predicate or a filter: the Gateway's short form is a text, its long form a map. */
  private void routePart(Node node) {
    switch (node) {
      case ScalarNode scalar -> scalar(scalar, String.class, List.of());
      case ListNode list -> problems.wrong(list, "a text such as Name=argument, or a map");
      case MapNode map -> {
        unknownKeys(map, SectionType.of(RoutePart.class).keys());
        Node name = map.get("name");
        if (name == null) {
          problems.missing(map, "name", "a name");
        } else {
          scalar(name, String.class, List.of());
        }
        Node when = map.get("when");
        if (when != null) {
          scalar(when, String.class, List.of());
        }
        Node args = map.get("args");
        if (args != null && !(args instanceof MapNode)) {
          problems.wrong(args, "a map");
        } else if (args != null) {
          asWritten(args);
        }
      }
    }
  }

  private void asWritten(Node node) {
    switch (node) {
      case ScalarNode scalar -> scalar(scalar, String.class, List.of());
      case ListNode list -> list.items().forEach(this::asWritten);
      case MapNode map -> map.entries().values().forEach(this::asWritten);
    }
  }

  private void anything(Node node) {
    switch (node) {
      case ScalarNode scalar -> {
        if (scalar.isNull()) {
          problems.wrong(scalar, "a value");
        }
      }
      case ListNode list -> list.items().forEach(this::anything);
      case MapNode map -> map.entries().values().forEach(this::anything);
    }
  }

  private void scalar(Node node, Class<?> type, List<Annotation> rules) {
    if (!(node instanceof ScalarNode scalar) || scalar.isNull()) {
      problems.wrong(node, SettingValue.expected(type, rules));
    } else if (!scalar.isAsWritten()) {
      problems.wrong(
          scalar,
          type == String.class
              ? SettingValue.expected(type, rules) + " in quotes (YAML reads it as another value)"
              : SettingValue.expected(type, rules));
    }
  }
}
