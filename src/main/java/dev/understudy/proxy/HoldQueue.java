package dev.understudy.proxy;

import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The requests of one event loop that wait for a server, oldest first: one that went and has to
 * wait again keeps its place.
 *
 * <p>When their pool changes they leave in bursts, one burst a tick, each twice the one before: a
 * server that has just taken over is not met by all at once.
 */
final class HoldQueue {
  private static final int FIRST_BURST = 16;
  private static final int MAX_BURST = 1024;

  private final Map<PoolId, Line> lines = new HashMap<>();
  private long tickets;

  private static final class Line {
    final TreeMap<Long, Waiter> waiting = new TreeMap<>();
    int burst = FIRST_BURST;
  }

  /** Whoever waits. */
  interface Waiter {
    /** Whether it is worth letting it go now. */
    boolean canGo();

    /** It has its turn; it leaves the line, and may come back with the same ticket. */
    void release();
  }

  /** A place in line behind all that were given before. */
  long ticket() {
    return ++tickets;
  }

  /** Adds a request, in the order of tickets. */
  void add(Waiter request, PoolId pool, long ticket) {
    lines.computeIfAbsent(pool, id -> new Line()).waiting.put(ticket, request);
  }

  void remove(PoolId pool, long ticket) {
    Line line = lines.get(pool);
    if (line != null && line.waiting.remove(ticket) != null && line.waiting.isEmpty()) {
      lines.remove(pool);
    }
  }

  /** Lets the next burst of each line go, as far as there are servers for them. */
  void tick() {
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
   * Lets requests of that pool go, oldest first, as far as there are servers for them.
   *
   * @return how many went
   */
  int release(PoolId pool, int atMost) {
    Line line = lines.get(pool);
    if (line == null) {
      return 0;
    }
    int released = 0;
    Map.Entry<Long, Waiter> next = line.waiting.firstEntry();
    // Letting one go can end others, and can bring itself back to its old place.
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
