package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.OfRequests;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Values;
import dev.understudy.pool.Setting.Whole;
import java.time.Duration;

/**
 * Treatment of running requests, tunnels and streams on the old server when the serving server
 * changes.
 *
 * @param websockets {@code close}: WebSockets end with a close frame; tunnels of other protocols
 *     ({@code AllowUpgrade}) are reset. {@code keep}: both stay after a failback or an operator's
 *     switch. They still end if their server [is DOWN](failover.md#what-a-down-server-finishes), or
 *     has [another address](failover.md#names) by another file or as the one before had failed.
 * @param streams Event streams, and other responses older than {@code drain}. {@code close}: they
 *     end, so that clients connect again. {@code keep}: as with {@code websockets}.
 * @param drain Time over which the sessions, WebSockets and streams of the old server end.
 * @param closeCode Code of the close frame (RFC 6455, 7.4), whose reason is empty. Old libraries
 *     may know 1001 only. A stop of Understudy sends 1001.
 * @param connections Relayed TCP connections. {@code close}: they are reset on both sides, so that
 *     no client takes a part of a result for the whole. In a failover pool that happens at once,
 *     and bytes that are not sent yet are dropped, so that nobody writes to the old server. A
 *     server that [refuses new ones](failover.md#what-a-down-server-finishes) has {@code drain} to
 *     end them itself. Connections of a drained server are reset over {@code drain} in a balance
 *     pool, or if no other server takes over. {@code keep}: as with {@code websockets}.
 */
public record SwitchSettings(
    @Default("close") @OfRequests WebSockets websockets,
    @Default("close") @OfRequests Streams streams,
    @Default("30s") @Span(min = "0s") Duration drain,
    // The service restarts: connect again (IANA WebSocket Close Code Number Registry).
    @Values("of these " + SwitchSettings.CODES)
        @Default("1012")
        @OfRequests
        @Whole(min = 1000, max = 4999)
        int closeCode,
    @Default("close") Connections connections) {
  /** The codes for which {@link #isCloseCode} holds, for people. */
  private static final String CODES = "1000-1003, 1007-1009, 1011-1014 or 3000-4999";

  /** Treatment of tunnels. */
  public enum WebSockets {
    /** WebSockets end with a close frame; the default. */
    CLOSE,
    /** WebSockets stay on failback and operator switches; those of a failed server are closed. */
    KEEP
  }

  /** Treatment of event streams, and of responses older than {@code drain}. */
  public enum Streams {
    /** Streams are ended, so that their clients connect to the serving server; the default. */
    CLOSE,
    /** Streams stay on failback and operator switches; those of a failed server are ended. */
    KEEP
  }

  /** Treatment of relayed TCP connections. */
  public enum Connections {
    /**
     * Connections are reset, in a failover pool at once: none may write to the server that was
     * left; the default (HAProxy {@code on-marked-down shutdown-sessions}, {@code on-marked-up
     * shutdown-backup-sessions}).
     */
    CLOSE,
    /** Connections stay on failback and operator switches; those of a failed server are reset. */
    KEEP
  }

  public static final SwitchSettings DEFAULT = SectionType.defaults(SwitchSettings.class);

  public SwitchSettings {
    RangeChecks.requireNotNegative(drain, "drain");
    if (!isCloseCode(closeCode)) {
      throw new Setting.Invalid(
          "close-code", "a close code that servers may send (RFC 6455, 7.4): " + CODES);
    }
  }

  /**
   * Whether a server may send {@code code}: registered codes and those left to libraries and
   * applications, without the codes that only stand for the lack of one (1005, 1006, 1015) and the
   * client's own (1010).
   */
  private static boolean isCloseCode(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014 && code != 1010)
        || (code >= 3000 && code <= 4999);
  }
}
