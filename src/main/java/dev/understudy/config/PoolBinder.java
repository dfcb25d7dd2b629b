package dev.understudy.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.env.OriginTrackedMapPropertySource;

/**
 * Runs Spring Boot's binder over one pool at a time. Each value that cannot be converted, or is out
 * of its bounds, is reported and left out.
 *
 * <p>Works in slices because Spring Boot's binder walks all properties for each list that it binds.
 */
final class PoolBinder {
  /** Keys that need no brackets in a property name; other keys keep their letters in brackets. */
  private static final Pattern UNIFORM = Pattern.compile("[a-z0-9][a-z0-9-]*");

  private final Placeholders placeholders;
  private final Problems problems;

  PoolBinder(Placeholders placeholders, Problems problems) {
    this.placeholders = placeholders;
    this.problems = problems;
  }

  /** Binds the map; null if it has nothing that can be bound. */
  <T> @Nullable T bind(MapNode map, Class<T> type) {
    Slice slice = new Slice();
    Keys.of(type)
        .forEach(
            (key, component) -> {
              if (!component.isAnnotationPresent(Constraint.Free.class)) {
                slice.addEntry(map, "", key);
              }
            });
    if (slice.properties.isEmpty()) {
      return null;
    }
    Binder binder =
        new Binder(
            List.of(source(map.path(), slice.properties)),
            placeholders,
            StrictConversion.SERVICE,
            null,
            slice);
    return binder.bind(ConfigurationPropertyName.EMPTY, Bindable.of(type)).orElse(null);
  }

  private static ConfigurationPropertySource source(String name, Map<String, Object> properties) {
    return Objects.requireNonNull(
        ConfigurationPropertySource.from(
            new OriginTrackedMapPropertySource(name, properties, true)));
  }

  /** The properties of one map and the handler of each binding. */
  private final class Slice implements BindHandler {
    private final Map<String, Object> properties = new LinkedHashMap<>();
    private final Map<ConfigurationPropertyName, ScalarNode> nodes = new LinkedHashMap<>();

    void addEntry(MapNode map, String prefix, String key) {
      Node node = map.get(key);
      if (node != null && !problems.isReported(node.path())) {
        add(node, child(prefix, key));
      }
    }

    private static String child(String prefix, String key) {
      if (!UNIFORM.matcher(key).matches()) {
        return prefix + "[" + key + "]";
      }
      return prefix.isEmpty() ? key : prefix + "." + key;
    }

    private void add(Node node, String name) {
      switch (node) {
        case MapNode map -> map.entries().keySet().forEach(key -> addEntry(map, name, key));
        case ListNode list -> addItems(list, name);
        case ScalarNode scalar -> {
          properties.put(name, scalar.text());
          nodes.put(ConfigurationPropertyName.of(name), scalar);
        }
      }
    }

    /**
     * Adds a list of texts, or nothing if an item is broken, because Spring Boot's lists have no
     * gaps.
     */
    private void addItems(ListNode list, String name) {
      if (list.items().stream()
          .anyMatch(i -> !(i instanceof ScalarNode) || problems.isReported(i.path()))) {
        return;
      }
      if (list.items().isEmpty()) {
        properties.put(name, "");
      }
      for (int i = 0; i < list.items().size(); i++) {
        add(list.items().get(i), name + "[" + i + "]");
      }
    }

    @Override
    public @Nullable Object onSuccess(
        ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
      ScalarNode node = nodes.get(name);
      if (node == null || Expected.fits(result, target.getAnnotations())) {
        return result;
      }
      problems.wrong(node, words(target));
      return null;
    }

    @Override
    public @Nullable Object onFailure(
        ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error)
        throws Exception {
      if (error instanceof UnboundConfigurationPropertiesException) {
        return null; // the rest of a list after a reported item
      }
      ScalarNode node = nodes.get(name);
      if (node == null) {
        throw error;
      }
      if (error instanceof Placeholders.Unresolved unresolved) {
        problems.wrong(node, unresolved.expected());
      } else {
        problems.wrong(node, words(target));
      }
      return null;
    }

    private String words(Bindable<?> target) {
      return Expected.words(target.getType().resolve(Object.class), target.getAnnotations());
    }
  }
}
