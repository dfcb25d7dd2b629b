package dev.understudy.history;

import dev.understudy.file.BoundedFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends events to the journal on a thread of its own, {@code understudy-history}. All events that
 * come during a write are covered by the next one; a write that fails is repeated after 5 s. There
 * is no queue: the writer takes what it lacks from the events in memory, whose bound is its own.
 */
final class JournalWriter {
  private static final Logger log = LoggerFactory.getLogger(JournalWriter.class);
  private static final long RETRY_SECONDS = 5;
  private static final long CLOSE_SECONDS = 5;

  /** Interval of the sign of life, from which a start tells how long the process was away. */
  private static final long ALIVE_SECONDS = 10;

  /** Events in memory. */
  interface Source {
    /** The oldest events with a greater id, some at least; empty if there are none. */
    List<StoredEvent> after(long id);
  }

  private final Journal journal;
  private final String history;
  private final Source source;
  private final AtomicBoolean waiting = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor executor;

  private final AtomicLong lost = new AtomicLong();
  private volatile boolean failing;

  /** The id of the last event in the journal; of the writer's thread. */
  private long written;

  /**
   * Creates a writer, which writes nothing yet.
   *
   * @param written the id of the last event that the journal holds
   */
  JournalWriter(Journal journal, String history, long written, Source source) {
    this.journal = journal;
    this.history = history;
    this.written = written;
    this.source = source;
    this.executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "understudy-history");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    var unused =
        executor.scheduleWithFixedDelay(
            this::touch, ALIVE_SECONDS, ALIVE_SECONDS, TimeUnit.SECONDS);
  }

  /** Has new events written soon. Never blocks; has no effect once closed. */
  void added() {
    if (waiting.compareAndSet(false, true)) {
      executor.execute(this::write);
    }
  }

  /** Whether the last write failed. */
  boolean isFailing() {
    return failing;
  }

  /** Number of events that were gone from memory before they could be written. */
  long lost() {
    return lost.get();
  }

  /** Writes what is left, for 5 s at most. */
  void close() {
    executor.execute(this::write);
    executor.execute(this::end);
    executor.shutdown();
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("{} could not be written in time", journal.path());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    waiting.set(false);
    try {
      List<StoredEvent> next = source.after(written);
      while (!next.isEmpty()) {
        int count = journal.append(history, next);
        lost.addAndGet(next.getFirst().id() - written - 1);
        written = next.get(count - 1).id();
        next = source.after(written);
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
      return;
    }
    if (failing) {
      failing = false;
      log.info("{} can be written again", journal.path());
    }
  }

  private void failed(Exception e) {
    if (!failing) {
      failing = true;
      log.warn(
          "{} cannot be written, the history is kept in memory only: {}", journal.path(), why(e));
    }
    if (waiting.compareAndSet(false, true)) {
      var unused = executor.schedule(this::write, RETRY_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static String why(Exception e) {
    return switch (e) {
      case NoSuchFileException none -> "its directory does not exist";
      case IOException failure -> BoundedFile.reason(failure);
      default -> e.toString();
    };
  }

  private void touch() {
    try {
      journal.touch();
    } catch (IOException e) {
      log.debug("{} cannot be touched", journal.path(), e);
    }
  }

  private void end() {
    try {
      journal.close();
    } catch (IOException e) {
      log.debug("{} cannot be closed", journal.path(), e);
    }
  }
}
