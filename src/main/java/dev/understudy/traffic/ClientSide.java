package dev.understudy.traffic;

import org.jspecify.annotations.Nullable;

/**
 * Facts of the client's connection of a request, for further fields of the access log. Used on the
 * connection's event loop only.
 */
public interface ClientSide {
  /** The name of the listener that accepted the connection. */
  String listener();

  /** The local port that accepted the connection. */
  int localPort();

  /** The version of TLS, such as {@code TLSv1.3}; null without TLS. */
  @Nullable String tlsVersion();

  /** The name of the cipher suite; null without TLS. */
  @Nullable String tlsCipher();

  /** The server name that the client asked for; null if none. */
  @Nullable String tlsServerName();

  /** The subject of the client's certificate (RFC 2253); null if it gave none. */
  @Nullable String tlsSubject();
}
