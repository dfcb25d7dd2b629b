package dev.understudy.hook;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The places of calls of one kind: as many as run at a time, of which one host takes {@value
 * #MOST_OF_HOST} at most. Thread-safe.
 */
final class HookPlaces {
  private static final int MOST = 128;

  /** Half of all: one host that does not respond leaves as many to the others. */
  static final int MOST_OF_HOST = 64;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();

  /** The places taken, by host; hosts without one are not in it. */
  private final Map<String, Integer> taken = new HashMap<>();

  private int all;

  /**
   * Waits for a place.
   *
   * @return the time that is left of {@code within}, all of it if there was a place at once; null
   *     if there was none in time. The place is to be given back by {@link #release}
   */
  @Nullable Duration acquire(String host, Duration within) throws InterruptedException {
    Duration left = within;
    lock.lockInterruptibly();
    try {
      while (all == MOST || taken.getOrDefault(host, 0) == MOST_OF_HOST) {
        if (!left.isPositive()) {
          return null;
        }
        left = Duration.ofNanos(freed.awaitNanos(left.toNanos()));
      }
      all++;
      taken.merge(host, 1, Integer::sum);
      return left;
    } finally {
      lock.unlock();
    }
  }

  void release(String host) {
    lock.lock();
    try {
      all--;
      taken.computeIfPresent(host, (name, number) -> number == 1 ? null : number - 1);
      // Of those that wait, some may wait for another host.
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
