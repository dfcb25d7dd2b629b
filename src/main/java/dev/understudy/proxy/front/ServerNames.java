package dev.understudy.proxy.front;

import org.jspecify.annotations.Nullable;

/** Compares the client certificates that TLS server names ask for (RFC 6066 §3). */
@FunctionalInterface
public interface ServerNames {
  /**
   * Whether a host asks for client certificates of other authorities than the server name of the
   * connection, so that the certificate shown there proves nothing for it.
   *
   * @param connected the server name of the TLS handshake; null if the client sent none
   * @param asked the request's host, in lower case, without a port
   */
  boolean differ(@Nullable String connected, String asked);
}
