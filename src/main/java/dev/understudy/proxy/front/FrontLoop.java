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
 * The clients' connections of one event loop, and one coarse tick that stands for all their timers.
 * Touched on that loop only.
 */
// A connection is itself, not a value.
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
   * Nobody is connected yet.
   *
   * @param limits asked at each tick whether room is to be made
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

  /** A moment to measure a wait from, against what {@link TimedConnection#sweep} is given. */
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

  /** Without effect if it has left. */
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

  /** Closes the connection that has waited longest without a request, if there is one. */
  boolean shed() {
    return longestWaiting.closeOne(connections, ticks.now());
  }

  /**
   * We are stopping.
   *
   * @param empty completed when nobody is left
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
    // Whatever fails, above all a listener: time goes on.
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
    // When places ran out there may have been nobody yet who had waited long enough.
    if (valid && limits.isFull()) {
      shed();
    }
  }
}
