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
 * Requests that ended on one thread and are not counted yet. With thousands of routes hardly any
 * counters are in the processor's cache: counted one by one, every request would wait for its own
 * cache miss; counted in a batch, the misses overlap.
 *
 * <p>A ring buffer that its thread fills and that is emptied under a lock which all rings share.
 */
final class EndedRequests {
  /** The number of requests from which a batch is worth the lock. */
  private static final int BATCH = 32;

  /** A power of two; larger than a batch, because a thread that does not get the lock goes on. */
  static final int CAPACITY = 128;

  private static final VarHandle ADDED = index("added");
  private static final VarHandle COUNTED = index("counted");

  /** A reusable slot of the ring. */
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

  /** The number of requests ever added; wraps around. Written by the owning thread. */
  private int added;

  /** The number of requests ever counted; wraps around. Written under the lock. */
  private int counted;

  /** A sink without meaning, so that the compiler cannot remove the reads. */
  @SuppressWarnings("unused")
  private long fetched;

  /** Creates the empty ring of the calling thread. */
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

  /** Adds a request, for which there must be room; called on the owning thread. */
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

  /** Whether a batch has accumulated; called on the owning thread. */
  boolean isBatch() {
    return added - (int) COUNTED.getAcquire(this) >= BATCH;
  }

  /**
   * Whether the ring is full and must be counted before the next request; called on the owning
   * thread.
   */
  boolean isFull() {
    return added - (int) COUNTED.getAcquire(this) == CAPACITY;
  }

  /**
   * Counts all requests of the ring; called with the lock.
   *
   * @param current maps a route's meters to the ones in use now
   */
  void countAll(UnaryOperator<RouteMeters> current) {
    int end = (int) ADDED.getAcquire(this);
    // A loop so short that the processor reads for many requests at a time.
    for (int i = counted; i != end; i++) {
      fetched += entry(i).route instanceof RouteMeters meters ? meters.fetch() : 0;
    }
    int next = counted;
    try {
      while (next != end) {
        count(entry(next++), current);
      }
    } finally {
      // A request that cannot be counted does not block the others.
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

  /** Whether the owning thread has ended, so that no more requests will come. */
  boolean isOver() {
    return !thread.isAlive();
  }
}
