package dev.understudy.proxy;

import dev.understudy.monitor.ServerTraffic;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.PoolId;
import org.jspecify.annotations.Nullable;

/** One request's time in {@code hold}, which may come in several parts. */
// Lines are themselves, not values.
@SuppressWarnings("ReferenceEquality")
final class Waiting {
  private final Seeker seeker;
  private final Worker worker;
  private final PoolId pool;
  private final Trace trace;
  private long sinceClock;
  private long soFar;
  private long ticket;
  private @Nullable ServerTraffic line;

  Waiting(Seeker seeker, Worker worker, PoolId pool, Trace trace) {
    this.seeker = seeker;
    this.worker = worker;
    this.pool = pool;
    this.trace = trace;
  }

  /**
   * Begins to wait; false: too many are waiting already.
   *
   * @param server in whose line; null: the pool's
   */
  boolean begin(HoldSettings hold, @Nullable ServerTraffic server) {
    if (!lines().enter(pool, hold.requests())) {
      return false;
    }
    lines().join(pool, server);
    line = server;
    sinceClock = worker.clock();
    if (ticket == 0) {
      ticket = worker.holds().ticket();
    }
    worker.holds().add(seeker, pool, ticket);
    trace.holdBegins();
    worker.engine().listener().held(pool, 1);
    return true;
  }

  private Lines lines() {
    return worker.engine().lines();
  }

  /** Stands in another line, as the choice of a server has changed. */
  void move(@Nullable ServerTraffic server) {
    if (server != line) {
      lines().join(pool, server);
      lines().quit(pool, line);
      line = server;
    }
  }

  /** Whether it is the only one who waits for a place there. */
  boolean isAlone() {
    ServerTraffic server = line;
    return server != null && lines().waitFor(pool, server) == 1;
  }

  void end() {
    worker.holds().remove(pool, ticket);
    lines().quit(pool, line);
    lines().leave(pool);
    soFar += worker.clock() - sinceClock;
    trace.holdEnds();
    worker.engine().listener().held(pool, -1);
  }

  /** Whether {@code hold.time} had passed when it last stopped waiting. */
  boolean isUsedUp(HoldSettings hold) {
    return soFar >= hold.time().toNanos();
  }

  /** Whether {@code hold.time} has passed while it waits. */
  boolean isOver(HoldSettings hold) {
    return soFar + worker.clock() - sinceClock >= hold.time().toNanos();
  }
}
