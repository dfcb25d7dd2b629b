package dev.understudy.config;

import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.text.Suggestions;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The pools that routes and listeners can name, the broken ones included. */
final class PoolNames {
  private final Collection<String> names;
  private final Map<String, Protocol> protocols;

  /**
   * @param names all names in the file
   * @param valid the pools without a problem
   */
  PoolNames(Collection<String> names, List<Pool> valid) {
    this.names = names;
    this.protocols =
        valid.stream().collect(Collectors.toMap(pool -> pool.id().value(), Pool::protocol));
  }

  Collection<String> names() {
    return names;
  }

  /** What is expected instead of that name; null if it is good, or cannot be judged. */
  @Nullable String problem(String name, Protocol protocol) {
    if (names.isEmpty() || names.contains(name)) {
      return protocols.getOrDefault(name, protocol) == protocol ? null : ofAnother(protocol);
    }
    String nearest = Suggestions.nearest(name, names);
    return nearest == null
        ? "the name of a pool in this file"
        : "the name of a pool in this file; did you mean " + nearest + "?";
  }

  private static String ofAnother(Protocol wanted) {
    return switch (wanted) {
      case HTTP ->
          "a pool with http:// or https:// servers: one with tcp:// or tls:// is a listener's";
      case TCP -> "a pool with tcp:// or tls:// servers: one with http:// or https:// is a route's";
    };
  }
}
