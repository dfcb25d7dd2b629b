package dev.understudy.proxy;

import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

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
    final LinkedHashSet<Seeker> waiting = new LinkedHashSet<>();
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
  void add(Seeker request, PoolId pool, boolean first) {
    Line line = lines.computeIfAbsent(pool, id -> new Line());
    if (first) {
      line.waiting.addFirst(request);
    } else {
      line.waiting.addLast(request);
    }
  }

  void remove(Seeker request, PoolId pool) {
    Line line = lines.get(pool);
    if (line != null && line.waiting.remove(request) && line.waiting.isEmpty()) {
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
    for (Seeker waiting : List.copyOf(line.waiting)) {
      if (released == atMost) {
        break;
      }
      // Letting one go can end others.
      if (line.waiting.contains(waiting) && waiting.canGo()) {
        waiting.release();
        released++;
      }
    }
    return released;
  }
}
