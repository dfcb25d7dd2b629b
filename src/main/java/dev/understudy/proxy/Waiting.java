package dev.understudy.proxy;

import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.PoolId;

/** One request's time in {@code hold}, which may come in several parts. */
final class Waiting {
  private final Seeker seeker;
  private final Worker worker;
  private final PoolId pool;
  private final Trace trace;
  private long sinceClock;
  private long soFar;
  private long ticket;

  Waiting(Seeker seeker, Worker worker, PoolId pool, Trace trace) {
    this.seeker = seeker;
    this.worker = worker;
    this.pool = pool;
    this.trace = trace;
  }

  /** Begins to wait; false: too many are waiting already. */
  boolean begin(HoldSettings hold) {
    if (!worker.engine().mayWait(pool, hold.requests())) {
      return false;
    }
    sinceClock = worker.clock();
    if (ticket == 0) {
      ticket = worker.holds().ticket();
    }
    worker.holds().add(seeker, pool, ticket);
    trace.holdBegins();
    worker.engine().listener().held(pool, 1);
    return true;
  }

  void end() {
    worker.holds().remove(pool, ticket);
    worker.engine().waitsNoMore(pool);
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
