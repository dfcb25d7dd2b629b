package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import dev.understudy.text.Suggestions;
import java.lang.annotation.Annotation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks the tree against the raw records: unknown and missing keys, a list instead of a map, too
 * many entries, names of the wrong form.
 */
final class ShapeCheck {
  private static final Annotation[] NO_RULES = {};

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
    Map<String, RecordComponent> keys = new LinkedHashMap<>(Keys.of(RawPool.class));
    Constraint.PoolSettings settings =
        Objects.requireNonNull(Keys.of(RawFile.class).get(PoolDefaults.KEY))
            .getAnnotation(Constraint.PoolSettings.class);
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
    record(map, Keys.of(type));
  }

  private void record(MapNode map, Map<String, RecordComponent> keys) {
    unknownKeys(map, keys);
    keys.forEach(
        (key, component) -> {
          Node value = map.get(key);
          if (value != null) {
            value(value, component.getGenericType(), component.getAnnotations());
          }
          if (mandatory) {
            required(map, key, value, component.getAnnotation(Constraint.Required.class));
          }
        });
  }

  private void unknownKeys(MapNode map, Map<String, RecordComponent> known) {
    for (String key : map.entries().keySet()) {
      if (!known.containsKey(key)) {
        String nearest = Suggestions.nearest(key, known.keySet());
        if (nearest != null && map.get(nearest) == null) {
          problems.excuse(Paths.child(map.path(), nearest));
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
      MapNode map, String key, @Nullable Node value, Constraint.@Nullable Required required) {
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

  private void value(Node node, Type type, Annotation[] rules) {
    if (Arrays.stream(rules).anyMatch(Constraint.PoolSettings.class::isInstance)) {
      if (!(node instanceof MapNode)) {
        problems.wrong(node, "a map");
      }
    } else if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      Type element = arguments[arguments.length - 1];
      if (generic.getRawType() == Map.class) {
        entries(node, element, entriesRule(rules));
      } else {
        items(node, element, entriesRule(rules));
      }
    } else if (type == RoutePart.class) {
      routePart(node);
    } else if (type == Object.class) {
      anything(node);
    } else if (type instanceof Class<?> plain && plain.isRecord()) {
      Constraint.OneOrMore several = several(rules);
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

  private static Constraint.@Nullable OneOrMore several(Annotation[] rules) {
    for (Annotation each : rules) {
      if (each instanceof Constraint.OneOrMore several) {
        return several;
      }
    }
    return null;
  }

  /** Checks the list form of a section. */
  private void maps(ListNode list, Class<?> type, Constraint.OneOrMore several) {
    int size = list.items().size();
    if (size == 0 || list.items().stream().noneMatch(MapNode.class::isInstance)) {
      problems.wrong(list, "a map, or a list of maps");
    } else if (size > several.max()) {
      problems.add(
          list.at(), list.path(), String.valueOf(size), "expected at most " + several.max());
    } else {
      list.items().forEach(each -> value(each, type, NO_RULES));
    }
  }

  private void entries(Node node, Type element, Constraint.Entries rule) {
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
              value(value, element, NO_RULES);
            });
  }

  private void items(Node node, Type element, Constraint.Entries rule) {
    if (!(node instanceof ListNode list)) {
      problems.wrong(node, "a list");
      return;
    }
    tooMany(node, list.items().size(), rule);
    for (Node each : list.items()) {
      value(each, element, NO_RULES);
    }
  }

  private void tooMany(Node node, int size, Constraint.Entries rule) {
    if (size > rule.max()) {
      problems.add(node.at(), node.path(), String.valueOf(size), "expected at most " + rule.max());
    }
  }

  private static Constraint.Entries entriesRule(Annotation[] rules) {
    for (Annotation each : rules) {
      if (each instanceof Constraint.Entries entries) {
        return entries;
      }
    }
    throw new IllegalStateException("a map or list without bounds");
  }

  /** Checks a predicate or a filter: the Gateway's short form is a text, its long form a map. */
  private void routePart(Node node) {
    switch (node) {
      case ScalarNode scalar -> scalar(scalar, String.class, NO_RULES);
      case ListNode list -> problems.wrong(list, "a text such as Name=argument, or a map");
      case MapNode map -> {
        unknownKeys(map, Keys.of(RoutePart.class));
        Node name = map.get("name");
        if (name == null) {
          problems.missing(map, "name", "a name");
        } else {
          scalar(name, String.class, NO_RULES);
        }
        Node when = map.get("when");
        if (when != null) {
          scalar(when, String.class, NO_RULES);
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
      case ScalarNode scalar -> scalar(scalar, String.class, NO_RULES);
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

  private void scalar(Node node, Class<?> type, Annotation[] rules) {
    if (!(node instanceof ScalarNode scalar) || scalar.isNull()) {
      problems.wrong(node, Expected.words(type, rules));
    } else if (!scalar.isAsWritten()) {
      problems.wrong(
          scalar,
          type == String.class
              ? Expected.words(type, rules) + " in quotes (YAML reads it as another value)"
              : Expected.words(type, rules));
    }
  }
}
