package dev.understudy.agreement;

import java.io.IOException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the newest state on a thread of its own, {@code understudy-state}. While one write runs
 * only the newest of those that follow is kept; a write that failed is repeated.
 */
final class StateWriter {
  private static final Logger log = LoggerFactory.getLogger(StateWriter.class);
  private static final long RETRY_SECONDS = 5;
  private static final long CLOSE_SECONDS = 5;

  private final StateFile file;
  private final AtomicReference<@Nullable StateDocument> waiting = new AtomicReference<>();
  private final ScheduledThreadPoolExecutor executor;
  private boolean failing;

  StateWriter(StateFile file) {
    this.file = file;
    this.executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "understudy-state");
              thread.setDaemon(true);
              return thread;
            });
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Writes it soon; never blocks. Nothing once closed. */
  void save(StateDocument document) {
    if (waiting.getAndSet(document) == null && !executor.isShutdown()) {
      executor.execute(this::write);
    }
  }

  /** Writes what waits, and waits for that a few seconds at most. */
  void close() {
    if (executor.isShutdown()) {
      return;
    }
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
    StateDocument document = waiting.getAndSet(null);
    if (document == null) {
      return;
    }
    try {
      file.write(document);
      if (failing) {
        failing = false;
        log.info("{} can be written again", file.path());
      }
    } catch (IOException | RuntimeException e) {
      failed(document, e);
    }
  }

  private void failed(StateDocument document, Exception e) {
    if (!failing) {
      failing = true;
      log.warn("{} cannot be written, state is kept in memory only: {}", file.path(), e.toString());
    }
    if (waiting.compareAndSet(null, document) && !executor.isShutdown()) {
      executor.schedule(this::write, RETRY_SECONDS, TimeUnit.SECONDS);
    }
  }
}
