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
import dev.understudy.proxy.session.SessionPolicy;
import dev.understudy.proxy.session.Stickiness;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether a tunnel or a stream may stay on its server, and if not, over which time its kind leave.
 * A stream is an event stream or any other response that has run for long ({@link
 * ResponseLifetime}). The first row that fits decides:
 *
 * <table>
 *   <caption>Verdicts</caption>
 *   <tr><td>pool or server is no longer configured</td><td>REMOVED, over {@code drain}</td></tr>
 *   <tr><td>server in maintenance</td><td>MAINTENANCE, at once</td></tr>
 *   <tr><td>server serves although not usable: nobody else can</td><td>STAYS</td></tr>
 *   <tr><td>server not usable but for {@code drain}, or no longer the incarnation that the tunnel
 *   was made with</td><td>FAILED, over min(2 s, {@code drain})</td></tr>
 *   <tr><td>server serves</td><td>STAYS</td></tr>
 *   <tr><td>tunnel of a session that stays on the server without limit ({@link
 *   SessionPolicy#stay})</td><td>STAYS</td></tr>
 *   <tr><td>server set to {@code drain}, or, in a failover pool, usable but not serving and not
 *   preferred by the route</td><td>MOVED, over {@code drain}; STAYS with {@code websockets: keep},
 *   or {@code streams: keep}, unless a new file moved the role</td></tr>
 *   <tr><td>the same for a tunnel of a session that stays for {@code drain} ({@link
 *   SessionPolicy#until})</td><td>MOVED, after that and over min(2 s, {@code drain}): told sooner,
 *   its client would come back by its cookie, to be told again</td></tr>
 *   <tr><td>all else: preferred, or in a balance pool</td><td>STAYS</td></tr>
 * </table>
 *
 * @param after when the first of those concerned may be told; null: now
 * @param over the time over which they are told; zero: at once
 */
public record TunnelVerdict(Why why, @Nullable Instant after, Duration over) {
  /** The longest time over which tunnels are told that have no more time to leave. */
  public static final Duration TOLD_OVER = Duration.ofSeconds(2);

  public static final TunnelVerdict STAY = over(Why.STAYS, Duration.ZERO);

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

  /** Why a tunnel or a stream has to end. */
  public enum Why {
    /** It need not end. */
    STAYS,
    /** Its server failed, or its address or settings changed. */
    FAILED,
    /** An operator put its server into maintenance. */
    MAINTENANCE,
    /** Another server serves or may serve now, or an operator drains this one. */
    MOVED,
    /** A new file has no such pool or server. */
    REMOVED,
    /** Our own process stops. */
    STOPPING
  }

  /** To tell from now on, over that time. */
  public static TunnelVerdict over(Why why, Duration over) {
    return new TunnelVerdict(why, null, over);
  }

  public boolean stays() {
    return why == Why.STAYS;
  }

  /** How long after that moment the first of those concerned may be told. */
  public Duration waits(Instant now) {
    return after == null || after.isBefore(now) ? Duration.ZERO : Duration.between(now, after);
  }

  /** Whether it is worth another plan: it begins earlier, or takes less time. */
  public boolean isSoonerThan(TunnelVerdict other) {
    if (Objects.equals(after, other.after)) {
      return over.compareTo(other.over) < 0;
    }
    return after == null || (other.after != null && after.isBefore(other.after));
  }

  /**
   * Judges one tunnel or stream, or many that agree in all arguments.
   *
   * @param incarnation of the server when the tunnel was made, or the request sent
   * @param held what holds it on this server
   * @param pool as it is now; null: gone
   * @param server as it is now; null: gone
   * @param last the pool's settings when it was last seen
   */
  public static TunnelVerdict of(
      Kind kind,
      long incarnation,
      Stickiness held,
      @Nullable PoolState pool,
      @Nullable ServerState server,
      SwitchSettings last) {
    if (pool == null || server == null) {
      return over(Why.REMOVED, last.drain());
    }
    SwitchSettings settings = pool.pool().onSwitch();
    if (server.operatorState() == OperatorState.MAINTENANCE) {
      return over(Why.MAINTENANCE, Duration.ZERO);
    }
    if (pool.suspended()) {
      return over(Why.MOVED, min(TOLD_OVER, settings.drain()));
    }
    boolean serving =
        pool.serving() != null && pool.serving().server().id().equals(server.server().id());
    if (serving && !server.usable()) {
      return STAY;
    }
    if (server.incarnation() != incarnation || failed(server)) {
      return over(Why.FAILED, min(TOLD_OVER, settings.drain()));
    }
    if (serving) {
      return STAY;
    }
    if (held.session() && SessionPolicy.stay(pool, server)) {
      return STAY;
    }
    boolean movedAway = pool.pool().mode() == Mode.FAILOVER && !held.preferred();
    if (server.operatorState() == OperatorState.DRAIN || movedAway) {
      boolean kept = kind.isKept(settings) && pool.reason() != Reason.CONFIGURATION;
      return kept ? STAY : moved(held, pool, server, settings);
    }
    return STAY;
  }

  private static TunnelVerdict moved(
      Stickiness held, PoolState pool, ServerState server, SwitchSettings settings) {
    Instant until = held.session() ? SessionPolicy.until(pool, server) : null;
    return until == null
        ? over(Why.MOVED, settings.drain())
        : new TunnelVerdict(Why.MOVED, until, min(TOLD_OVER, settings.drain()));
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
