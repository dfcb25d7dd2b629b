package dev.understudy.proxy;

import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one event loop that wait for a server, oldest first.
 *
 * <p>When their pool changes they leave in bursts, one burst a tick, each twice the one before: a
 * server that has just taken over is not met by all at once.
 */
final class HoldQueue {
  private static final int FIRST_BURST = 16;
  private static final int MAX_BURST = 1024;

  private final Map<PoolId, Line> lines = new HashMap<>();

  private static final class Line {
    final LinkedHashSet<Exchange> waiting = new LinkedHashSet<>();
    int burst = FIRST_BURST;
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  /** Whether some request of that pool waits here. */
  boolean hasWaiting(PoolId pool) {
    return lines.containsKey(pool);
  }

  /**
   * Adds a request.
   *
   * @param first whether it waited before and goes back to the head of the line
   */
  void add(Exchange exchange, PoolId pool, boolean first) {
    Line line = lines.computeIfAbsent(pool, id -> new Line());
    if (first) {
      line.waiting.addFirst(exchange);
    } else {
      line.waiting.addLast(exchange);
    }
  }

  void remove(Exchange exchange, PoolId pool) {
    Line line = lines.get(pool);
    if (line != null && line.waiting.remove(exchange) && line.waiting.isEmpty()) {
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
    for (int released = 0; released < atMost; released++) {
      Exchange next = next(lines.get(pool));
      if (next == null) {
        return released;
      }
      next.release();
    }
    return atMost;
  }

  private static @Nullable Exchange next(@Nullable Line line) {
    if (line != null) {
      for (Exchange waiting : line.waiting) {
        if (waiting.canGo()) {
          return waiting;
        }
      }
    }
    return null;
  }
}
