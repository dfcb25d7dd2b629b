package dev.understudy.pool;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One route of the dynamic file, in Spring Cloud Gateway's form.
 *
 * @param uri {@code pool://name}, or a URI that the Gateway serves itself
 * @param order the order of the search, lowest first and equals in the file's order; 0 by default
 * @param predicates at least one; all must match
 * @param metadata as written: texts, numbers, booleans, lists and maps; the Gateway acts on some of
 *     it
 */
public record RouteSpec(
    String id,
    String uri,
    int order,
    List<RoutePart> predicates,
    List<RoutePart> filters,
    Map<String, Object> metadata) {
  /** The scheme of a URI that names a pool. */
  public static final String POOL_SCHEME = "pool";

  /** The beginning of a URI that names a pool; the name follows. */
  public static final String POOL = POOL_SCHEME + "://";

  /** The beginning of a URI of a route whose filters end every request. */
  public static final String NOWHERE = "no://";

  public RouteSpec {
    predicates = List.copyOf(predicates);
    filters = List.copyOf(filters);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    if (id.isEmpty() || predicates.isEmpty()) {
      throw new IllegalArgumentException("route '" + id + "' lacks an id or a predicate");
    }
  }

  /** The pool that the URI names; null if the Gateway serves the URI itself. */
  public @Nullable PoolId pool() {
    return uri.startsWith(POOL) ? new PoolId(uri.substring(POOL.length())) : null;
  }

  /** Omits the URI and the values of arguments and metadata, which may contain secrets. */
  @Override
  public String toString() {
    return "RouteSpec[id="
        + id
        + ", order="
        + order
        + ", predicates="
        + predicates
        + ", filters="
        + filters
        + ", metadata="
        + metadata.keySet()
        + "]";
  }
}
