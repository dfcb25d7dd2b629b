package dev.understudy.proxy.route;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One route as written in the dynamic file, in Spring Cloud Gateway's form.
 *
 * @param order the Gateway's sort key: smaller first, equal ones in the order of the file
 * @param metadata the Gateway acts on some of it
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
   * @param args values by name, in order; the names of the short form are {@code _genkey_0}, {@code
   *     _genkey_1}, …
   */
  public record Part(String name, Map<String, String> args) {
    public Part {
      args = Collections.unmodifiableMap(new LinkedHashMap<>(args));
    }

    /** Omits the arguments' values, which may be secrets. */
    @Override
    public String toString() {
      return name + args.keySet();
    }
  }
}
