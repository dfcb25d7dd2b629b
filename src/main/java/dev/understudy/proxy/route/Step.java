package dev.understudy.proxy.route;

import dev.understudy.pool.ServerId;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** A compiled filter. */
public sealed interface Step {

  /**
   * {@code RedirectToHttps}: ends the request unless the client is on TLS.
   *
   * @param status 301, 302, 307 or 308
   * @param port what follows the host in {@code Location}: empty, or a colon and the port
   */
  record Redirect(int status, String port) implements Step {
    /** Where to; null: there is no host to send anybody to. */
    public @Nullable String location(String host, String target) {
      int colon = host.indexOf(':', host.startsWith("[") ? host.indexOf(']') + 1 : 0);
      String name = colon < 0 ? host : host.substring(0, colon);
      return name.isEmpty()
          ? null
          : "https://" + name + port + (target.startsWith("/") ? target : "/");
    }
  }

  /** {@code StrictTransportSecurity}: that value on every answer over TLS that follows. */
  record TransportSecurity(String value) implements Step {}

  /**
   * {@code RequireWebSocketUpgrade}: 403 unless a request to that path asks for a WebSocket.
   *
   * @param path normalised
   */
  record WebSocketGuard(String path) implements Step {
    /** Whether that request is refused. */
    public boolean refuses(String target, String normalPath, HttpHeaders headers) {
      return path.equals(normalPath) && !headers.contains("upgrade");
    }
  }

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
  record StripPrefix(int parts) implements Step {
    /** The path that is left. */
    public String apply(String path) {
      return path;
    }
  }

  /** {@code PrefixPath}. */
  record PrefixPath(String prefix) implements Step {
    /** The longer path. */
    public String apply(String path) {
      return prefix + path;
    }
  }
}
