package dev.understudy.proxy.engine;

import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The held requests of one event loop, oldest first. A request that was released and is held again
 * keeps its place.
 *
 * <p>When a pool changes, its requests leave in bursts, one each tick, of 16 requests at first and
 * twice as many each time, up to 1024: a server that has just taken over does not get all at once.
 */
public final class HoldQueue {
  private static final int FIRST_BURST = 16;
  private static final int MAX_BURST = 1024;

  private final Map<PoolId, Line> lines = new HashMap<>();
  private long tickets;

  private static final class Line {
    final TreeMap<Long, Waiter> waiting = new TreeMap<>();
    int burst = FIRST_BURST;
  }

  /** A held request. */
  public interface Waiter {
    /** Whether a release makes sense now. */
    boolean canGo();

    /** Releases the request: it leaves the queue, and may come back with the same ticket. */
    void release();
  }

  /** Returns a ticket for a place behind all earlier ones. */
  public long ticket() {
    return ++tickets;
  }

  /** Adds a request in the order of tickets. */
  public void add(Waiter request, PoolId pool, long ticket) {
    lines.computeIfAbsent(pool, id -> new Line()).waiting.put(ticket, request);
  }

  public void remove(PoolId pool, long ticket) {
    Line line = lines.get(pool);
    if (line != null && line.waiting.remove(ticket) != null && line.waiting.isEmpty()) {
      lines.remove(pool);
    }
  }

  /** Releases the next burst of each pool, as far as servers are available. */
  public void tick() {
    if (lines.isEmpty()) {
      return;
    }
    for (PoolId pool : new ArrayList<>(lines.keySet())) {
      Line line = lines.get(pool);
      if (line != null) {
        int released = release(pool, line.burst);
        line.burst = released < line.burst ? FIRST_BURST : Math.min(2 * line.burst, MAX_BURST);
      }
    }
  }

  /**
   * Releases requests of a pool, oldest first, as far as servers are available.
   *
   * @return the number of requests released
   */
  public int release(PoolId pool, int atMost) {
    Line line = lines.get(pool);
    if (line == null) {
      return 0;
    }
    int released = 0;
    Map.Entry<Long, Waiter> next = line.waiting.firstEntry();
    // A release can end other holds, and can bring the request back to its old place.
    while (next != null && released < atMost) {
      if (next.getValue().canGo()) {
        next.getValue().release();
        released++;
      }
      next = line.waiting.higherEntry(next.getKey());
    }
    return released;
  }
}
