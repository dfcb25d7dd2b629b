package dev.understudy.proxy.listener;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * How busy the event loops are. Measures only while somebody asks; see {@link LoopLag}.
 * Thread-safe.
 */
public final class EventLoopLoad {
  /** The wait for an event loop; one that is busy for longer has that much lag at least. */
  static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * One event loop.
   *
   * @param connections of clients that speak HTTP; as of the last time if it is busy for a second
   * @param pendingTasks tasks that waited for the event loop before it was asked
   * @param lagNanos the longest time that a task waited
   */
  public record Reading(int connections, int pendingTasks, long lagNanos) {}

  private final Supplier<EventLoopGroup> loops;
  private final ToIntFunction<EventLoop> connections;
  private final Map<EventLoop, LoopLag> lags = new ConcurrentHashMap<>();

  /**
   * @param connections the connections of an event loop; called on it
   */
  EventLoopLoad(Supplier<EventLoopGroup> loops, ToIntFunction<EventLoop> connections) {
    this.loops = loops;
    this.connections = connections;
  }

  /** Reads all event loops; completes within about a second, however busy they are. */
  public CompletionStage<List<Reading>> read() {
    List<CompletableFuture<Reading>> readings = new ArrayList<>();
    for (EventExecutor each : loops.get()) {
      if (each instanceof EventLoop loop) {
        readings.add(read(loop));
      }
    }
    return CompletableFuture.allOf(readings.toArray(CompletableFuture[]::new))
        .thenApply(done -> readings.stream().map(CompletableFuture::join).toList());
  }

  private CompletableFuture<Reading> read(EventLoop loop) {
    LoopLag lag = lags.computeIfAbsent(loop, LoopLag::new);
    int pending = loop instanceof SingleThreadEventExecutor one ? one.pendingTasks() : 0;
    CompletableFuture<Reading> reading = new CompletableFuture<>();
    long asked = System.nanoTime();
    try {
      loop.execute(
          () -> {
            lag.connections = connections.applyAsInt(loop);
            long longest = lag.asked(System.nanoTime() - asked, System.nanoTime());
            reading.complete(new Reading(lag.connections, pending, longest));
          });
    } catch (RejectedExecutionException e) {
      reading.complete(new Reading(0, 0, 0));
    }
    return reading.completeOnTimeout(
        new Reading(lag.connections, pending, LONGEST_WAIT_NANOS),
        LONGEST_WAIT_NANOS,
        TimeUnit.NANOSECONDS);
  }
}
