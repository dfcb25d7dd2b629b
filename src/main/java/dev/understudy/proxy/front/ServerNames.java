package dev.understudy.proxy.front;

import org.jspecify.annotations.Nullable;

/** The server names of a TLS listener that ask for client certificates (RFC 6066 §3). */
@FunctionalInterface
public interface ServerNames {
  /**
   * Whether a name asks for certificates of other authorities than the one that a client connected
   * to, so that what it showed there proves nothing.
   *
   * @param connected as the client named it in its handshake; null: it named none
   * @param asked in small letters, without a port
   */
  boolean differ(@Nullable String connected, String asked);
}
