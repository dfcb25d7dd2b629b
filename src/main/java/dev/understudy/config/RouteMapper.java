package dev.understudy.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps a route and checks it against the pools, the other routes and the Gateway. */
final class RouteMapper {
  /** A route and whether it is enabled. */
  record Mapped(RouteSpec route, boolean enabled) {}

  private final ScalarReader scalars;
  private final Placeholders placeholders;
  private final PartChecks parts;
  private final Problems problems;
  private final NamedArgsMapper namedArgs;
  private final RouteUri uris;
  private final Map<String, Position> ids = new HashMap<>();

  RouteMapper(Placeholders placeholders, PartChecks parts, RouteUri uris, Problems problems) {
    this.scalars = new ScalarReader(placeholders, problems);
    this.placeholders = placeholders;
    this.parts = parts;
    this.uris = uris;
    this.problems = problems;
    this.namedArgs = new NamedArgsMapper(placeholders, problems);
  }

  /** Returns the route, or null after reporting problems. */
  @Nullable Mapped map(MapNode node) {
    int before = problems.count();
    String id = read(node, "id", String.class);
    String to = read(node, "uri", String.class);
    Integer order = read(node, "order", Integer.class);
    Boolean enabled = read(node, "enabled", Boolean.class);
    if (id != null) {
      unique(id, node);
    }
    URI uri = to == null ? null : uris.parse(to, node);
    List<NamedArgs> predicates = predicates(node.get("predicates"));
    List<NamedArgs> filters = filters(node.get("filters"), uri);
    Map<String, Object> metadata = metadata(node.map("metadata"));
    if (id == null || uri == null || problems.count() > before || problems.isAnyIn(node.path())) {
      return null;
    }
    RouteSpec route =
        new RouteSpec(id, uri, PoolMapper.orElse(order, 0), predicates, filters, metadata);
    parts.route(route, node);
    return new Mapped(route, PoolMapper.orElse(enabled, true));
  }

  /** Maps the default filters of all routes. */
  List<NamedArgs> defaultFilters(@Nullable Node node) {
    List<NamedArgs> filters = new ArrayList<>();
    if (node instanceof ListNode list) {
      for (Node each : list.items()) {
        NamedArgs filter = namedArgs.map(each, false);
        if (filter != null) {
          parts.defaultFilter(filter, each);
          filters.add(filter);
        }
      }
    }
    return filters;
  }

  private <T> @Nullable T read(MapNode node, String key, Class<T> type) {
    return scalars.read(node, RawRoute.class, key, type);
  }

  private void unique(String id, MapNode node) {
    Node at = node.get("id");
    Position first = at == null ? null : ids.putIfAbsent(id, at.at());
    if (first != null && at != null) {
      problems.wrong(at, "an id of its own, not that of the route in line " + first.line());
    }
  }

  private List<NamedArgs> predicates(@Nullable Node node) {
    List<NamedArgs> predicates = new ArrayList<>();
    if (node instanceof ListNode list) {
      for (Node each : list.items()) {
        NamedArgs predicate = namedArgs.map(each, true);
        if (predicate != null) {
          parts.predicate(predicate, each);
          predicates.add(predicate);
        }
      }
    }
    return predicates;
  }

  private List<NamedArgs> filters(@Nullable Node node, @Nullable URI uri) {
    List<NamedArgs> filters = new ArrayList<>();
    if (node instanceof ListNode list) {
      for (Node each : list.items()) {
        NamedArgs filter = namedArgs.map(each, false);
        if (filter != null) {
          parts.filter(filter, each, uri);
          filters.add(filter);
        }
      }
    }
    return filters;
  }

  private Map<String, Object> metadata(@Nullable MapNode node) {
    return node == null || problems.isAnyIn(node.path()) ? Map.of() : plainMap(node);
  }

  private Map<String, Object> plainMap(MapNode node) {
    Map<String, Object> plain = new LinkedHashMap<>();
    node.entries().forEach((key, value) -> plain.put(key, plain(value)));
    return Collections.unmodifiableMap(plain);
  }

  /**
   * The plain value of a node: numbers and booleans as YAML reads them, texts with placeholders
   * resolved.
   */
  private Object plain(Node node) {
    return switch (node) {
      case MapNode map -> plainMap(map);
      case ListNode list -> list.items().stream().map(this::plain).toList();
      case ScalarNode scalar -> {
        try {
          Object value = scalar.value();
          yield value == null || scalar.isText() ? placeholders.resolve(scalar.text()) : value;
        } catch (Placeholders.Unresolved e) {
          problems.add(scalar, e.expected());
          yield "";
        }
      }
    };
  }
}
