package dev.understudy.pool;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a port of TLS does with its connections, by the server name that a client asks for.
 *
 * @param names in small letters, as {@link ServerNamePatterns} has them
 * @param others of clients that ask for no name, or for another one
 */
public record TlsUses(Map<String, TlsUse> names, TlsUse others) {
  public TlsUses {
    names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
  }

  /**
   * The use of a connection.
   *
   * @param asked the name that the client asks for, in any letter case; null for none
   */
  public TlsUse of(@Nullable String asked) {
    String known = asked == null ? null : ServerNamePatterns.fit(names.keySet(), asked);
    return known == null ? others : names.getOrDefault(known, others);
  }

  Stream<TlsUse> all() {
    return Stream.concat(names.values().stream(), Stream.of(others));
  }
}
