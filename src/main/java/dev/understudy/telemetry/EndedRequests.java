package dev.understudy.telemetry;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.RouteStatistics;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Requests that ended on one thread and are not counted yet. With thousands of routes the counters
 * of hardly any are in the processor's cache: counted one by one, every request would wait for its
 * own; counted together, they come at the same time.
 *
 * <p>A ring, which its thread fills. It is emptied under a lock that all rings share.
 */
final class EndedRequests {
  /** So many are worth being counted. */
  private static final int BATCH = 32;

  /** A power of two; more than a batch, as those that others keep from the lock go on. */
  static final int CAPACITY = 128;

  private static final VarHandle ADDED = index("added");
  private static final VarHandle COUNTED = index("counted");

  /** Used again and again. */
  private static final class Entry {
    @Nullable RouteStatistics route;
    @Nullable PoolId pool;
    @Nullable ServerId server;
    int status;
    @Nullable EndReason outcome;
    long durationNanos;
  }

  private final Thread thread = Thread.currentThread();
  private final Entry[] entries = new Entry[CAPACITY];

  /** How many ever were; wraps around. Written by the thread. */
  private int added;

  /** Of those; written under the lock. */
  private int counted;

  /** Means nothing; what is added here, the compiler cannot leave out. */
  @SuppressWarnings("unused")
  private long fetched;

  /** Those of the calling thread; none yet. */
  EndedRequests() {
    for (int i = 0; i < CAPACITY; i++) {
      entries[i] = new Entry();
    }
  }

  private static VarHandle index(String field) {
    try {
      return MethodHandles.lookup().findVarHandle(EndedRequests.class, field, int.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Adds one, for which there must be room; on its own thread. */
  void add(
      RouteStatistics route,
      @Nullable PoolId pool,
      @Nullable ServerId server,
      int status,
      EndReason outcome,
      long durationNanos) {
    Entry entry = entry(added);
    entry.route = route;
    entry.pool = pool;
    entry.server = server;
    entry.status = status;
    entry.outcome = outcome;
    entry.durationNanos = durationNanos;
    ADDED.setRelease(this, added + 1);
  }

  /** Whether they are worth being counted; on its own thread. */
  boolean isBatch() {
    return added - (int) COUNTED.getAcquire(this) >= BATCH;
  }

  /** Whether there is room for one more only if they are counted before; on its own thread. */
  boolean isFull() {
    return added - (int) COUNTED.getAcquire(this) == CAPACITY;
  }

  /**
   * Counts them all; with the lock.
   *
   * @param current where those of a route are counted now
   */
  void countAll(UnaryOperator<RouteMeters> current) {
    int end = (int) ADDED.getAcquire(this);
    // So short a loop that the processor reads for many of them at a time.
    for (int i = counted; i != end; i++) {
      fetched += entry(i).route instanceof RouteMeters meters ? meters.fetch() : 0;
    }
    int next = counted;
    try {
      while (next != end) {
        count(entry(next++), current);
      }
    } finally {
      // One that cannot be counted is not in the way of the others.
      COUNTED.setRelease(this, next);
    }
  }

  private static void count(Entry entry, UnaryOperator<RouteMeters> current) {
    RouteMeters route = (RouteMeters) Objects.requireNonNull(entry.route);
    current
        .apply(route)
        .ended(
            entry.pool,
            entry.server,
            entry.status,
            Objects.requireNonNull(entry.outcome),
            entry.durationNanos);
  }

  private Entry entry(int number) {
    return entries[number & (CAPACITY - 1)];
  }

  /** Whether no more will come. */
  boolean isOver() {
    return !thread.isAlive();
  }
}
