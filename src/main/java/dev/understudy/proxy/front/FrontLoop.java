package dev.understudy.proxy.front;

import dev.understudy.proxy.TickClock;
import dev.understudy.proxy.http.RequestIds;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Per-event-loop state of the front: its client connections, and one coarse tick that replaces a
 * timer for each. Used on that event loop only.
 */
// Connections are compared by identity.
@SuppressWarnings("ReferenceEquality")
public final class FrontLoop {
  public static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final EventLoop loop;
  private final ConnectionLimits limits;
  private final RequestIds ids = new RequestIds();
  private final TickClock ticks = new TickClock(TICK_NANOS);
  private final List<TimedConnection> connections = new ArrayList<>();
  private final LongestWaiting longestWaiting = new LongestWaiting();
  private @Nullable CompletableFuture<Void> drained;
  private boolean ticking;

  /**
   * Creates the state without connections.
   *
   * @param limits read at each tick to decide whether to make room
   */
  FrontLoop(EventLoop loop, ConnectionLimits limits) {
    this.loop = loop;
    this.limits = limits;
  }

  EventLoop loop() {
    return loop;
  }

  public RequestIds ids() {
    return ids;
  }

  /** The start of a wait that begins now, by the clock of {@link TimedConnection#sweep}. */
  public long mark() {
    return ticks.mark();
  }

  void enter(TimedConnection connection) {
    connection.slot(connections.size());
    connections.add(connection);
    if (!ticking) {
      ticking = true;
      ticks.start(System.nanoTime());
      plan();
    }
  }

  /** Removes the connection; no effect if it is not listed. */
  void leave(TimedConnection connection) {
    int slot = connection.slot();
    if (slot < 0) {
      return;
    }
    TimedConnection moved = connections.removeLast();
    if (moved != connection) {
      connections.set(slot, moved);
      moved.slot(slot);
    }
    connection.slot(-1);
    tellIfEmpty();
  }

  /**
   * Closes the connection that has waited longest without a request. Returns false if there is
   * none.
   */
  boolean shed() {
    return longestWaiting.closeOne(connections, ticks.now());
  }

  /**
   * Drains all connections, as the process is stopping.
   *
   * @param empty completed when no connection is left
   */
  void drain(CompletableFuture<Void> empty) {
    drained = empty;
    for (TimedConnection connection : List.copyOf(connections)) {
      connection.drain();
    }
    tellIfEmpty();
  }

  private void tellIfEmpty() {
    CompletableFuture<Void> waiting = drained;
    if (waiting != null && connections.isEmpty()) {
      waiting.complete(null);
    }
  }

  private void plan() {
    var unused = loop.schedule(this::tick, TICK_NANOS, TimeUnit.NANOSECONDS);
  }

  private void tick() {
    // The tick is planned again even if a listener throws.
    try {
      judge();
    } finally {
      ticking = !connections.isEmpty() && !loop.isShuttingDown();
      if (ticking) {
        plan();
      }
    }
  }

  private void judge() {
    boolean valid = ticks.tick(System.nanoTime());
    for (int i = connections.size() - 1; i >= 0 && valid; i--) {
      if (i < connections.size()) {
        connections.get(i).sweep(ticks.now());
      }
    }
    // When the limit was reached, perhaps no connection had waited long enough to be closed.
    if (valid && limits.isFull()) {
      shed();
    }
  }
}
