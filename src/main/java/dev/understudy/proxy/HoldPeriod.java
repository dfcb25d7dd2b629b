package dev.understudy.proxy;

import dev.understudy.monitor.ServerTraffic;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.PoolId;
import org.jspecify.annotations.Nullable;

/** The time that one request spends in {@code hold}, possibly in several parts. */
// Queues have identity only.
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
   * Starts a hold; returns false if too many requests are held already.
   *
   * @param server the server whose queue the request joins; null for the pool's own queue
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

  /** Moves to another queue if the selection of a server has changed. */
  void move(@Nullable ServerTraffic server) {
    if (server != line) {
      holdCounters().join(pool, server);
      holdCounters().quit(pool, line);
      line = server;
    }
  }

  /**
   * Whether this is the only request that waits for a place at its server; false in the pool's own
   * queue.
   */
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

  /** Whether the earlier parts have used up {@code hold.time}. */
  boolean isUsedUp(HoldSettings hold) {
    return soFar >= hold.time().toNanos();
  }

  /** Whether the earlier parts and the current one have used up {@code hold.time}. */
  boolean isOver(HoldSettings hold) {
    return soFar + engineLoop.clock() - sinceClock >= hold.time().toNanos();
  }
}
