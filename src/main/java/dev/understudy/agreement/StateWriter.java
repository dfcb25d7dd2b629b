package dev.understudy.agreement;

import java.io.IOException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the newest state on a thread of its own, {@code understudy-state}. All changes during a
 * write are covered by one more write; a failed write is repeated after 5 s.
 */
final class StateWriter {
  private static final Logger log = LoggerFactory.getLogger(StateWriter.class);
  private static final long RETRY_SECONDS = 5;
  private static final long CLOSE_SECONDS = 5;

  private final StateFile file;
  private final Supplier<StateDocument> newest;
  private final AtomicBoolean waiting = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor executor;
  private final Runnable caughtUp;
  private final AtomicLong changes = new AtomicLong();

  /** Number of changes that the file holds. */
  private volatile long written;

  private boolean failing;

  /**
   * Creates a writer, which writes nothing yet.
   *
   * @param newest gives the state to write; called on the writer's thread
   * @param caughtUp run on the writer's thread when {@link #isBehind} has become false
   */
  StateWriter(StateFile file, Supplier<StateDocument> newest, Runnable caughtUp) {
    this.file = file;
    this.newest = newest;
    this.caughtUp = caughtUp;
    this.executor =
        new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().name("understudy-state").daemon().factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Has the new state written soon. Never blocks; has no effect once closed. */
  void changed() {
    changes.incrementAndGet();
    if (waiting.compareAndSet(false, true)) {
      executor.execute(this::write);
    }
  }

  /** Whether the newest state is not on the disk yet, or could not be written. */
  boolean isBehind() {
    return written != changes.get();
  }

  /** Writes a pending change, and waits for it for 5 s at most. */
  void close() {
    executor.execute(this::write);
    executor.shutdown();
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("{} could not be written in time", file.path());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    if (!waiting.getAndSet(false)) {
      return;
    }
    long upTo = changes.get();
    try {
      file.write(newest.get());
    } catch (IOException | RuntimeException e) {
      failed(e);
      return;
    }
    if (failing) {
      failing = false;
      log.info("{} can be written again", file.path());
    }
    written = upTo;
    if (!isBehind()) {
      caughtUp.run();
    }
  }

  private void failed(Exception e) {
    if (!failing) {
      failing = true;
      log.warn(
          "{} cannot be written, state is kept in memory only: {}", file.path(), StateFile.why(e));
    }
    if (waiting.compareAndSet(false, true)) {
      var unused = executor.schedule(this::write, RETRY_SECONDS, TimeUnit.SECONDS);
    }
  }
}
