package dev.understudy.proxy;

import dev.understudy.monitor.ServerTraffic;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.PoolId;
import org.jspecify.annotations.Nullable;

/** One request's time in {@code hold}, which may come in several parts. */
// Lines are themselves, not values.
@SuppressWarnings("ReferenceEquality")
final class HoldPeriod {
  private final ServerAcquisition acquisition;
  private final EngineLoop engineLoop;
  private final PoolId pool;
  private final RequestTrace trace;
  private long sinceClock;
  private long soFar;
  private long ticket;
  private @Nullable ServerTraffic line;

  HoldPeriod(
      ServerAcquisition acquisition, EngineLoop engineLoop, PoolId pool, RequestTrace trace) {
    this.acquisition = acquisition;
    this.engineLoop = engineLoop;
    this.pool = pool;
    this.trace = trace;
  }

  /**
   * Begins to wait; false: too many are waiting already.
   *
   * @param server in whose line; null: the pool's
   */
  boolean begin(HoldSettings hold, @Nullable ServerTraffic server) {
    if (!holdCounters().enter(pool, hold.requests())) {
      return false;
    }
    holdCounters().join(pool, server);
    line = server;
    sinceClock = engineLoop.clock();
    if (ticket == 0) {
      ticket = engineLoop.holds().ticket();
    }
    engineLoop.holds().add(acquisition, pool, ticket);
    trace.holdBegins();
    engineLoop.engine().listener().held(pool, 1);
    return true;
  }

  private HoldCounters holdCounters() {
    return engineLoop.engine().holdCounters();
  }

  /** Stands in another line, as the choice of a server has changed. */
  void move(@Nullable ServerTraffic server) {
    if (server != line) {
      holdCounters().join(pool, server);
      holdCounters().quit(pool, line);
      line = server;
    }
  }

  /** Whether it is the only one who waits for a place there. */
  boolean isAlone() {
    ServerTraffic server = line;
    return server != null && holdCounters().waitFor(pool, server) == 1;
  }

  void end() {
    engineLoop.holds().remove(pool, ticket);
    holdCounters().quit(pool, line);
    holdCounters().leave(pool);
    soFar += engineLoop.clock() - sinceClock;
    trace.holdEnds();
    engineLoop.engine().listener().held(pool, -1);
  }

  /** Whether {@code hold.time} had passed when it last stopped waiting. */
  boolean isUsedUp(HoldSettings hold) {
    return soFar >= hold.time().toNanos();
  }

  /** Whether {@code hold.time} has passed while it waits. */
  boolean isOver(HoldSettings hold) {
    return soFar + engineLoop.clock() - sinceClock >= hold.time().toNanos();
  }
}
