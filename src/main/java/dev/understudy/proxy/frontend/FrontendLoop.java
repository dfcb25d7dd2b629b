package dev.understudy.proxy.frontend;

import dev.understudy.proxy.eventloop.LoopTicker;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.http.RequestIds;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * State of the frontend on one event loop: its client connections and their timeouts. Used on that
 * event loop only.
 */
public final class FrontendLoop {
  public static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ConnectionLimits limits;
  private final RequestIds ids = new RequestIds();
  private final LoopTicker ticker;
  private final SlotList<TimedConnection> connections = new SlotList<>();
  private final IdleConnectionEviction longestWaiting = new IdleConnectionEviction();
  private boolean switchingProtocol;
  private @Nullable CompletableFuture<Void> drained;

  /**
   * Creates the state without connections.
   *
   * @param limits read at each tick to decide whether to make room
   */
  FrontendLoop(EventLoop loop, ConnectionLimits limits) {
    this.limits = limits;
    this.ticker = new LoopTicker(loop, TICK_NANOS, this::tick);
  }

  public RequestIds ids() {
    return ids;
  }

  /** The start of a wait that begins now, by the clock of {@link TimedConnection#sweep}. */
  public long mark() {
    return ticker.clock().mark();
  }

  /** The number of this event loop's client connections that speak HTTP. */
  public int connections() {
    return connections.size();
  }

  void enter(TimedConnection connection) {
    connections.add(connection);
    ticker.start();
  }

  /** Removes the connection; no effect if it is not listed. */
  void leave(TimedConnection connection) {
    if (connections.remove(connection)) {
      completeIfEmpty();
    }
  }

  /**
   * Closes the connection that has waited longest without a request. Returns false if there is
   * none.
   */
  boolean shed() {
    return longestWaiting.closeOne(connections, ticker.clock().now());
  }

  /** Ends all connections with their next response. */
  void handOver() {
    connections.forEach(TimedConnection::leaveSoon);
  }

  /**
   * Drains all connections, as the process is stopping.
   *
   * @return completed when no connection is left
   */
  CompletableFuture<Void> drain() {
    if (drained == null || drained.isDone()) {
      drained = new CompletableFuture<>();
    }
    connections.forEach(TimedConnection::drain);
    completeIfEmpty();
    return drained;
  }

  /** Drains the connections of one listener. */
  void drain(Frontend frontend) {
    forEachOf(frontend, TimedConnection::drain);
  }

  /** Ends the connections that a listener has now. */
  void retire(Frontend frontend) {
    forEachOf(frontend, TimedConnection::retire);
  }

  @SuppressWarnings("ReferenceEquality") // a frontend is its listener
  private void forEachOf(Frontend frontend, Consumer<TimedConnection> action) {
    connections.forEach(
        each -> {
          if (each.frontend() == frontend) {
            action.accept(each);
          }
        });
  }

  /**
   * Runs a task that removes a connection and adds it again, for another protocol. The loop does
   * not count as empty meanwhile.
   */
  void whileSwitchingProtocol(Runnable task) {
    switchingProtocol = true;
    try {
      task.run();
    } finally {
      switchingProtocol = false;
      completeIfEmpty();
    }
  }

  private void completeIfEmpty() {
    if (drained != null && connections.isEmpty() && !switchingProtocol) {
      drained.complete(null);
    }
  }

  private boolean tick(boolean valid, long nanoTime) {
    if (valid) {
      long now = ticker.clock().now();
      connections.forEach(each -> each.sweep(now));
      limits.makeRoomLater(this::shed);
    }
    return !connections.isEmpty();
  }
}
