package dev.understudy.proxy.route;

import dev.understudy.pool.ServerId;

/** A compiled filter. */
public sealed interface Step {

  /**
   * {@code RedirectToHttps}: ends the request unless the client is on TLS.
   *
   * @param status 301, 302, 307 or 308
   * @param port what follows the host in {@code Location}: empty, or a colon and the port
   */
  record Redirect(int status, String port) implements Step {}

  /** {@code StrictTransportSecurity}: that value on every answer over TLS that follows. */
  record TransportSecurity(String value) implements Step {}

  /**
   * {@code RequireWebSocketUpgrade}: 403 unless a request to that path asks for a WebSocket.
   *
   * @param path normalised
   */
  record WebSocketGuard(String path) implements Step {}

  /** {@code PreferServer}. */
  record Prefer(ServerId server) implements Step {}

  /** What becomes of a header field of the request on its way, or of the answer on its way back. */
  record EditHeader(Of of, How how, String name, String value) implements Step {
    /** Whose. */
    public enum Of {
      REQUEST,
      ANSWER
    }

    /** How; {@code REMOVE} has an empty value. */
    public enum How {
      ADD,
      SET,
      REMOVE
    }
  }

  /** {@code StripPrefix}: that many leading segments of the path go. */
  record StripPrefix(int parts) implements Step {}

  /** {@code PrefixPath}. */
  record PrefixPath(String prefix) implements Step {}
}
