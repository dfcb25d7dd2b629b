package dev.understudy.assembly;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a process that was replaced, once it has nothing left to do.
 *
 * @param grace time for WebSockets and streams
 * @param connections the longest time for relayed connections and running responses
 * @param led completed once the successor leads and has said so; on a slow machine that takes
 *     seconds
 */
record Retirement(
    DataPlane data,
    ControlPlane control,
    Duration grace,
    Duration connections,
    CompletableFuture<?> led) {
  private static final Logger log = LoggerFactory.getLogger(Retirement.class);

  /** What waited in the kernel when the sockets closed is accepted by then. */
  private static final long SETTLE_MILLIS = 1_000;

  private static final long LOOK_MILLIS = 100;

  /**
   * Begins, as no connection is accepted any more.
   *
   * @param successor the number of the process that has taken over
   */
  void begin(long successor) {
    data.drainSlowly(grace, connections);
    CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> data.frontend.drain());
    awaitLastIn(SETTLE_MILLIS, successor, System.nanoTime() + connections.toNanos());
  }

  /**
   * Ends the process once the successor leads, and the last client's connection has ended, which is
   * counted when accepted, and the last hook.
   */
  private void awaitLast(long successor, long deadline) {
    boolean done =
        led.isDone()
            && data.frontend.connections().connections() == 0
            && !control.runningCalls.isRunning();
    if (done || System.nanoTime() - deadline > 0) {
      log.info("Process {} serves; this one has nothing left to do and ends", successor);
      exit();
    } else {
      awaitLastIn(LOOK_MILLIS, successor, deadline);
    }
  }

  private void awaitLastIn(long millis, long successor, long deadline) {
    CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
        .execute(() -> awaitLast(successor, deadline));
  }

  /** Ends the process at once. */
  static void exit() {
    Thread.ofPlatform().name("understudy-end").start(() -> System.exit(0));
  }
}
