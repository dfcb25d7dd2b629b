package dev.understudy.proxy.engine;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.SwitchSettings.Streams;
import dev.understudy.pool.SwitchSettings.WebSockets;
import dev.understudy.proxy.session.SessionPolicy;
import dev.understudy.proxy.session.Stickiness;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.switchover.PlannedSwitch;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a tunnel or a stream may stay on its server and, if not, over what time it and
 * all others with the same verdict are ended. A stream is an event stream or any other response
 * that has run for long ({@link ResponseLifetime}). The first row that applies decides:
 *
 * <table>
 *   <caption>Verdicts</caption>
 *   <tr><td>pool or server is no longer configured</td><td>REMOVED, over {@code drain}</td></tr>
 *   <tr><td>server in maintenance</td><td>MAINTENANCE, at once</td></tr>
 *   <tr><td>this replica is out of touch with the others, and {@code on-loss: hold}</td>
 *   <td>MOVED, over min(2 s, {@code drain})</td></tr>
 *   <tr><td>a planned switch leaves the server</td><td>MOVED, over a tenth of its pause, at most
 *   2 s; MAINTENANCE, at once, when its time is over</td></tr>
 *   <tr><td>pool in maintenance, unless the client is one that it serves all the same</td><td>MOVED,
 *   over {@code drain}</td></tr>
 *   <tr><td>server no longer at the address that the tunnel was made to, as it had failed there or
 *   by another file; or forgotten in between, as when its pool was left out of a file and came
 *   back</td><td>FAILED, over min(2 s, {@code drain})</td></tr>
 *   <tr><td>server serves although it is not usable, as no other can</td><td>STAYS</td></tr>
 *   <tr><td>server DOWN by silence ({@link ServerState#isDownBySilence}), a stale primary, or left
 *   for its circuit breaker</td><td>FAILED, over min(2 s, {@code drain})</td></tr>
 *   <tr><td>server DOWN otherwise, or no longer the incarnation that the tunnel was made with, nor
 *   one that its name has moved from ({@link ServerState#keepsConnectionsOf}): it may be stopping,
 *   and end its tunnels itself</td><td>DOWN, {@code drain} after that and over
 *   min(2 s, {@code drain})</td></tr>
 *   <tr><td>server serves</td><td>STAYS</td></tr>
 *   <tr><td>tunnel of a session that stays on the server without limit ({@link
 *   SessionPolicy#stay})</td><td>STAYS</td></tr>
 *   <tr><td>server set to {@code drain}, or, in a failover pool, usable but not serving and not
 *   preferred by the route</td><td>MOVED, over {@code drain}; STAYS with {@code websockets: keep},
 *   or {@code streams: keep}; in a failover pool after a failback or an operator's act only</td></tr>
 *   <tr><td>the same for a tunnel of a session that stays for {@code drain} ({@link
 *   SessionPolicy#until})</td><td>MOVED, after that and over min(2 s, {@code drain}): ended sooner,
 *   its client would return by its cookie, to be ended again</td></tr>
 *   <tr><td>all else: preferred, or in a balance pool</td><td>STAYS</td></tr>
 * </table>
 *
 * @param after the earliest time to end the first of those concerned; null for now
 * @param over the time over which they are ended; zero for at once
 */
public record TunnelVerdict(Why why, @Nullable Instant after, Duration over) {
  /** The longest spread for tunnels and streams that have no time left to leave. */
  public static final Duration LONGEST_SPREAD = Duration.ofSeconds(2);

  public static final TunnelVerdict STAY = over(Why.STAYS, Duration.ZERO);

  /** The given time, but at most {@link #LONGEST_SPREAD}. */
  public static Duration soon(Duration over) {
    return over.compareTo(LONGEST_SPREAD) < 0 ? over : LONGEST_SPREAD;
  }

  /** The kind of exchange that is judged; each has its own {@code close | keep}. */
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

  /** The reason why a tunnel or a stream has to end. */
  public enum Why {
    /** No reason: it may stay. */
    STAYS,
    /** Its server failed, or its address changed. */
    FAILED,
    /** Its server is DOWN, or was, but is not silent; or its settings changed. */
    DOWN,
    /** An operator put its server into maintenance. */
    MAINTENANCE,
    /** Another server serves or may serve now, or an operator drains this one. */
    MOVED,
    /** The pool or the server is not in the new file. */
    REMOVED,
    /** This process is stopping. */
    STOPPING
  }

  /** Returns the verdict to end those concerned from now on, spread over that time. */
  public static TunnelVerdict over(Why why, Duration over) {
    return new TunnelVerdict(why, null, over);
  }

  /**
   * Returns the verdict for a server that is no longer configured.
   *
   * @param last the pool's settings when it was last seen
   */
  public static TunnelVerdict removed(SwitchSettings last) {
    return over(Why.REMOVED, last.drain());
  }

  public boolean stays() {
    return why == Why.STAYS;
  }

  /**
   * The time from {@code now} until the first of those concerned may be ended; zero if it is past.
   */
  public Duration waits(Instant now) {
    return until(after, now);
  }

  /** The time from {@code now} until {@code after}; zero for none, or if it is past. */
  public static Duration until(@Nullable Instant after, Instant now) {
    return after == null || after.isBefore(now) ? Duration.ZERO : Duration.between(now, after);
  }

  /**
   * Whether this verdict replaces the other: it begins earlier, or at the same time and takes less.
   */
  public boolean isSoonerThan(TunnelVerdict other) {
    if (Objects.equals(after, other.after)) {
      return over.compareTo(other.over) < 0;
    }
    return after == null || (other.after != null && after.isBefore(other.after));
  }

  /**
   * Judges one tunnel or stream, or many that agree in all arguments.
   *
   * @param made the server when the tunnel was opened or the request sent, or when it last could
   *     stay
   * @param held what keeps it on this server
   * @param pool the current state; null if the pool no longer exists
   * @param server the current state; null if the server no longer exists
   * @param last the pool's settings when it was last seen
   */
  public static TunnelVerdict of(
      Kind kind,
      ServerState made,
      Stickiness held,
      @Nullable PoolState pool,
      @Nullable ServerState server,
      SwitchSettings last) {
    if (pool == null || server == null) {
      return removed(last);
    }
    SwitchSettings settings = pool.pool().settings().onSwitch();
    if (server.operatorState() == OperatorState.MAINTENANCE) {
      return over(Why.MAINTENANCE, Duration.ZERO);
    }
    if (pool.suspended()) {
      return over(Why.MOVED, soon(settings.drain()));
    }
    PlannedSwitch leaving = pool.leaving(server.server().id());
    if (leaving != null) {
      return leaving.cut()
          ? over(Why.MAINTENANCE, Duration.ZERO)
          : over(Why.MOVED, soon(leaving.request().pause().dividedBy(10)));
    }
    if (pool.maintenance() != null && !pool.maintenance().equals(held.maintenance())) {
      return over(Why.MOVED, settings.drain());
    }
    boolean another = !server.keepsConnectionsOf(made);
    if (another && !server.isSameMachine(made)) {
      return over(Why.FAILED, soon(settings.drain()));
    }
    boolean serving = pool.isServing(server.server().id());
    if (serving && !server.usable()) {
      return STAY;
    }
    if (hasFailed(server)) {
      return over(Why.FAILED, soon(settings.drain()));
    }
    if (another || isOutOfUse(server)) {
      return new TunnelVerdict(
          Why.DOWN, server.statusSince().plus(settings.drain()), soon(settings.drain()));
    }
    if (serving) {
      return STAY;
    }
    if (held.session() && SessionPolicy.stay(pool, server)) {
      return STAY;
    }
    boolean movedAway = pool.pool().mode() == PoolMode.FAILOVER && !held.preferred();
    if (server.operatorState() == OperatorState.DRAIN || movedAway) {
      return kind.isKept(settings) && mayKeep(pool) ? STAY : moved(held, pool, server, settings);
    }
    return STAY;
  }

  private static boolean mayKeep(PoolState pool) {
    SwitchReason reason = pool.reason();
    return pool.pool().mode() == PoolMode.BALANCE || (reason != null && reason.isVoluntary());
  }

  private static TunnelVerdict moved(
      Stickiness held, PoolState pool, ServerState server, SwitchSettings settings) {
    Instant until = held.session() ? SessionPolicy.until(pool, server) : null;
    return until == null
        ? over(Why.MOVED, settings.drain())
        : new TunnelVerdict(Why.MOVED, until, soon(settings.drain()));
  }

  /** Whether what runs on the server is lost, or must not go on there. */
  private static boolean hasFailed(ServerState server) {
    return server.circuitOpen()
        || server.isStale()
        || (server.isDownBySilence() && isOutOfUse(server));
  }

  /** One that is DOWN, in use and has its incarnation still is doubted to have failed. */
  private static boolean isOutOfUse(ServerState server) {
    return server.status() == HealthStatus.DOWN && !server.usable();
  }
}
