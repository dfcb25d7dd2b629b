package dev.understudy.proxy.route;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One route as the dynamic file says it, in Spring Cloud Gateway's form.
 *
 * @param order as the Gateway sorts: smaller first, then as they stand in the file
 * @param metadata of which the Gateway acts on some
 */
public record RouteSource(
    String id,
    String uri,
    int order,
    List<Part> predicates,
    List<Part> filters,
    Map<String, Object> metadata) {
  public RouteSource {
    predicates = List.copyOf(predicates);
    filters = List.copyOf(filters);
    metadata = Map.copyOf(metadata);
  }

  /**
   * A predicate or filter.
   *
   * @param args by name, in order; those of the short form are {@code _genkey_0}, {@code
   *     _genkey_1}, …
   */
  public record Part(String name, Map<String, String> args) {
    public Part {
      args = Collections.unmodifiableMap(new LinkedHashMap<>(args));
    }

    /** Without the arguments' values, which may be secrets. */
    @Override
    public String toString() {
      return name + args.keySet();
    }
  }
}
