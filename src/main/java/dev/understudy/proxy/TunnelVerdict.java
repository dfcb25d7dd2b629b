package dev.understudy.proxy;

import dev.understudy.failover.Reason;
import dev.understudy.health.Status;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.pool.Mode;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.SwitchSettings.Streams;
import dev.understudy.pool.SwitchSettings.WebSockets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a tunnel or a stream may stay on its server, and if not, over which time its kind leave.
 * A stream is an event stream or any other response that has run for long ({@link ResponseStay}).
 * The first row that fits decides:
 *
 * <table>
 *   <caption>Verdicts</caption>
 *   <tr><td>pool or server is no longer configured</td><td>REMOVED, over {@code drain}</td></tr>
 *   <tr><td>server in maintenance</td><td>MAINTENANCE, at once</td></tr>
 *   <tr><td>server serves although not usable: nobody else can</td><td>STAYS</td></tr>
 *   <tr><td>server not usable but for {@code drain}, or no longer the incarnation that the tunnel
 *   was made with</td><td>FAILED, over min(2 s, {@code drain})</td></tr>
 *   <tr><td>server serves</td><td>STAYS</td></tr>
 *   <tr><td>server set to {@code drain}, or, in a failover pool, usable but not serving and not
 *   preferred by the route</td><td>MOVED, over {@code drain}; STAYS with {@code websockets: keep},
 *   or {@code streams: keep}, unless a new file moved the role</td></tr>
 *   <tr><td>all else: preferred, or in a balance pool</td><td>STAYS</td></tr>
 * </table>
 *
 * @param over the time over which those concerned are told; zero: at once
 */
public record TunnelVerdict(Why why, Duration over) {
  /** The longest time over which a failed server's tunnels are told. */
  public static final Duration FAILED_OVER = Duration.ofSeconds(2);

  public static final TunnelVerdict STAY = new TunnelVerdict(Why.STAYS, Duration.ZERO);

  /** What is judged: each has its own {@code close | keep}. */
  public enum Kind {
    TUNNEL,
    STREAM;

    private boolean isKept(SwitchSettings settings) {
      return switch (this) {
        case TUNNEL -> settings.websockets() == WebSockets.KEEP;
        case STREAM -> settings.streams() == Streams.KEEP;
      };
    }
  }

  /** Why a tunnel has to end; its text goes into the close frame. */
  public enum Why {
    /** It need not end. */
    STAYS(""),
    /** Its server failed, or its address or settings changed. */
    FAILED("server failed"),
    /** An operator put its server into maintenance. */
    MAINTENANCE("maintenance"),
    /** Another server serves now, or an operator drains this one. */
    MOVED("service moved"),
    /** A new file has no such pool or server. */
    REMOVED("service removed"),
    /** Our own process stops. */
    STOPPING("going away"),
    /** No byte for {@code timeouts.tunnel}. */
    IDLE("idle");

    private final String text;

    Why(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  public boolean stays() {
    return why == Why.STAYS;
  }

  /**
   * Judges one tunnel or stream, or many that agree in all arguments.
   *
   * @param incarnation of the server when the tunnel was made, or the request sent
   * @param preferred whether the route holds it on this server ({@code PreferServer})
   * @param pool as it is now; null: gone
   * @param server as it is now; null: gone
   * @param last the pool's settings when it was last seen
   */
  public static TunnelVerdict of(
      Kind kind,
      long incarnation,
      boolean preferred,
      @Nullable PoolState pool,
      @Nullable ServerState server,
      SwitchSettings last) {
    if (pool == null || server == null) {
      return new TunnelVerdict(Why.REMOVED, last.drain());
    }
    SwitchSettings settings = pool.pool().onSwitch();
    if (server.operatorState() == OperatorState.MAINTENANCE) {
      return new TunnelVerdict(Why.MAINTENANCE, Duration.ZERO);
    }
    boolean serving =
        pool.serving() != null && pool.serving().server().id().equals(server.server().id());
    if (serving && !server.usable()) {
      return STAY;
    }
    if (server.incarnation() != incarnation || failed(server)) {
      return new TunnelVerdict(Why.FAILED, min(FAILED_OVER, settings.drain()));
    }
    if (serving) {
      return STAY;
    }
    boolean movedAway = pool.pool().mode() == Mode.FAILOVER && !preferred;
    if (server.operatorState() == OperatorState.DRAIN || movedAway) {
      boolean kept = kind.isKept(settings) && pool.reason() != Reason.CONFIGURATION;
      return kept ? STAY : new TunnelVerdict(Why.MOVED, settings.drain());
    }
    return STAY;
  }

  private static boolean failed(ServerState server) {
    return server.status() == Status.DOWN
        || server.circuitOpen()
        || (!server.usable() && server.operatorState() == OperatorState.READY);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }
}
