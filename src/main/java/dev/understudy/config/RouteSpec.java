package dev.understudy.config;

import dev.understudy.pool.PoolId;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One route in Spring Cloud Gateway's form.
 *
 * @param uri {@code pool://name}, or a URI that the Gateway serves itself
 * @param order the order of the search, lowest first and equals in the file's order; 0 by default
 * @param predicates at least one; all must match
 * @param metadata as written: texts, numbers, booleans, lists and maps; placeholders resolved
 */
public record RouteSpec(
    String id,
    URI uri,
    int order,
    List<NamedArgs> predicates,
    List<NamedArgs> filters,
    Map<String, Object> metadata) {
  /** The scheme of a URI that names a pool. */
  public static final String POOL_SCHEME = "pool";

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
    return POOL_SCHEME.equals(uri.getScheme()) ? new PoolId(uri.getHost()) : null;
  }

  /** The route without the values of arguments and metadata, which may be secrets. */
  @Override
  public String toString() {
    return "RouteSpec[id="
        + id
        + ", uri="
        + uri.getScheme()
        + "://"
        + uri.getHost()
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
