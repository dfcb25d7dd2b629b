package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Maps a route and checks it against the pools, the other routes and the Gateway. */
final class RouteMapper {
  private final RecordReader reader;
  private final Placeholders placeholders;
  private final PartChecks checks;
  private final Problems problems;
  private final RoutePartMapper mapper;
  private final RouteUri uris;
  private final Map<String, Position> ids = new HashMap<>();

  RouteMapper(
      RecordReader reader,
      Placeholders placeholders,
      ConditionFiles files,
      PartChecks checks,
      RouteUri uris,
      Problems problems) {
    this.reader = reader;
    this.placeholders = placeholders;
    this.checks = checks;
    this.uris = uris;
    this.problems = problems;
    this.mapper = new RoutePartMapper(placeholders, files, problems);
  }

  /** Returns the route, or null after reporting problems. */
  @Nullable PlacedRoute map(MapNode node) {
    int before = problems.count();
    RawRoute raw = reader.read(node, RawRoute.class);
    String id = raw.id();
    String to = raw.uri();
    if (id != null) {
      unique(id, node);
    }
    URI uri = to == null ? null : uris.parse(to, node);
    List<RoutePart> predicates = parts(node.get("predicates"), true, checks::predicate);
    Set<String> pools = new HashSet<>();
    List<RoutePart> filters =
        parts(node.get("filters"), false, (filter, at) -> checks.filter(filter, at, uri, pools));
    Map<String, Object> metadata = metadata(node.map("metadata"));
    if (id == null || uri == null || problems.count() > before || problems.isAnyIn(node.path())) {
      return null;
    }
    return new PlacedRoute(
        new RouteSpec(id, uri.toString(), raw.order(), predicates, filters, metadata),
        node,
        raw.enabled());
  }

  /** Maps the default filters of all routes. */
  List<RoutePart> defaultFilters(@Nullable Node node) {
    return parts(node, false, checks::defaultFilter);
  }

  private void unique(String id, MapNode node) {
    Node at = node.get("id");
    Position first = at == null ? null : ids.putIfAbsent(id, at.at());
    if (first != null && at != null) {
      problems.wrong(at, "a unique id: the route in line " + first.line() + " has the same");
    }
  }

  private List<RoutePart> parts(
      @Nullable Node node, boolean predicates, BiConsumer<RoutePart, Node> check) {
    List<RoutePart> parts = new ArrayList<>();
    if (node instanceof ListNode list) {
      for (Node each : list.items()) {
        RoutePart part = mapper.map(each, predicates);
        if (part != null) {
          check.accept(part, each);
          parts.add(part);
        }
      }
    }
    return parts;
  }

  private Map<String, Object> metadata(@Nullable MapNode node) {
    return node == null || problems.isAnyIn(node.path()) ? Map.of() : plainMap(node);
  }

  private Map<String, Object> plainMap(MapNode node) {
    Map<String, Object> plain = new LinkedHashMap<>();
    node.entries().forEach((key, value) -> plain.put(key, toPlainValue(value)));
    return Collections.unmodifiableMap(plain);
  }

  /**
   * The plain value of a node: numbers and booleans as YAML reads them, texts with placeholders
   * resolved.
   */
  private Object toPlainValue(Node node) {
    return switch (node) {
      case MapNode map -> plainMap(map);
      case ListNode list -> list.items().stream().map(this::toPlainValue).toList();
      case ScalarNode scalar -> {
        try {
          Object value = scalar.value();
          yield value == null || scalar.isText() ? placeholders.resolve(scalar.text()) : value;
        } catch (Placeholders.Unresolved e) {
          problems.add(scalar, "expected " + e.expected());
          yield "";
        }
      }
    };
  }
}
