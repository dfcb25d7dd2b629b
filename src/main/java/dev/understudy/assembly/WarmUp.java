package dev.understudy.assembly;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has this process do for itself what clients will ask of it, so that it is loaded and compiled
 * when they come. Never in the way: whoever waits for it goes on in time, whether it has ended, has
 * failed or hangs.
 */
final class WarmUp implements AutoCloseable {
  /** What is done, on a thread of its own. */
  @FunctionalInterface
  interface Work {
    /**
     * Does it.
     *
     * @param stopped to be asked again and again: whether it is to end
     */
    void run(BooleanSupplier stopped) throws Exception;
  }

  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

  private final Work work;
  private final Duration most;
  private final Duration end;

  /** Completed once it is to end. */
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  /** Completed once it has ended. */
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  /**
   * @param most the longest time for it once somebody waits; then it is to end. With zero nothing
   *     is done
   * @param end how much longer others wait for its end
   */
  WarmUp(Work work, Duration most, Duration end) {
    this.work = work;
    this.most = most;
    this.end = end;
  }

  /** Begins; once. */
  void begin() {
    Thread.ofPlatform().name("understudy-warm-up").daemon().start(this::run);
  }

  private void run() {
    try {
      if (!most.isZero()) {
        work.run(stopped::isDone);
      }
    } catch (Exception | LinkageError e) {
      log.warn("This process is not warmed up, and its first requests take longer", e);
    } finally {
      ended.complete(null);
    }
  }

  /**
   * Waits for its end, in the time that is left to it from now on.
   *
   * @return completed once it has ended, or has taken too long
   */
  CompletableFuture<Void> end() {
    var unused = stopped.completeOnTimeout(null, most.toMillis(), TimeUnit.MILLISECONDS);
    return ended.copy().completeOnTimeout(null, most.plus(end).toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Has it end soon. */
  @Override
  public void close() {
    stopped.complete(null);
  }
}
