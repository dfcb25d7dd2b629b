package dev.understudy.pool;

import java.time.Duration;

/**
 * Treatment of running requests, tunnels and streams on the old server when the serving server
 * changes.
 *
 * @param drain time over which sessions, tunnels and streams leave it, and the age at which any
 *     other response counts as a stream; default 30 s
 * @param closeCode WebSocket close code for clients of tunnels that have to leave; default 1012,
 *     service restart
 * @param connections treatment of relayed TCP connections; default close
 */
public record SwitchSettings(
    WebSockets websockets,
    Streams streams,
    Duration drain,
    int closeCode,
    Connections connections) {
  /** The codes for which {@link #isCloseCode} holds, for people. */
  public static final String CLOSE_CODES =
      "a close code that servers may send (RFC 6455, 7.4): 1000-1003, 1007-1009, 1011-1014, or"
          + " 3000-4999";

  /** The service restarts: connect again (IANA WebSocket Close Code Number Registry). */
  public static final int SERVICE_RESTART = 1012;

  /** Treatment of tunnels. */
  public enum WebSockets {
    /** They end with a close frame; the default. */
    CLOSE,
    /** They stay on failback and operator switches; those of a failed server are closed. */
    KEEP
  }

  /** Treatment of event streams, and of responses older than {@code drain}. */
  public enum Streams {
    /** They are ended, so that their clients connect to the serving server; the default. */
    CLOSE,
    /** They stay on failback and operator switches; those of a failed server are ended. */
    KEEP
  }

  /** Treatment of relayed TCP connections. */
  public enum Connections {
    /**
     * They are reset, in a failover pool at once: none may write to the server that was left; the
     * default (HAProxy {@code on-marked-down shutdown-sessions}, {@code on-marked-up
     * shutdown-backup-sessions}).
     */
    CLOSE,
    /** They stay on failback and operator switches; those of a failed server are reset. */
    KEEP
  }

  public static final SwitchSettings DEFAULT =
      new SwitchSettings(WebSockets.CLOSE, Streams.CLOSE, Duration.ofSeconds(30), SERVICE_RESTART);

  public SwitchSettings {
    Settings.requireNotNegative(drain, "drain");
    if (!isCloseCode(closeCode)) {
      throw new IllegalArgumentException("expected " + CLOSE_CODES + ", found " + closeCode);
    }
  }

  /** Settings with {@link Connections#CLOSE}. */
  public SwitchSettings(WebSockets websockets, Streams streams, Duration drain, int closeCode) {
    this(websockets, streams, drain, closeCode, Connections.CLOSE);
  }

  /** Settings with {@link Streams#CLOSE} and {@link #SERVICE_RESTART}. */
  public SwitchSettings(WebSockets websockets, Duration drain) {
    this(websockets, Streams.CLOSE, drain, SERVICE_RESTART);
  }

  /**
   * Whether a server may send {@code code}: registered codes and those left to libraries and
   * applications, without the codes that only stand for the lack of one (1005, 1006, 1015) and the
   * client's own (1010).
   */
  public static boolean isCloseCode(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014 && code != 1010)
        || (code >= 3000 && code <= 4999);
  }
}
