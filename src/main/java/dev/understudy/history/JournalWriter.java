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
 * is no queue: the writer takes what the journal lacks from the events in memory, whose bound is
 * its own; so a file that others removed or replaced is written again from there.
 */
final class JournalWriter {
  private static final Logger log = LoggerFactory.getLogger(JournalWriter.class);
  private static final long RETRY_SECONDS = 5;
  private static final long CLOSE_SECONDS = 5;

  /** Interval of the sign of life, from which a start tells how long the process was away. */
  private static final long ALIVE_SECONDS = 10;

  /** Events in memory. */
  interface Source {
    /** The lines of the oldest events with a greater id, some at least; empty if there are none. */
    List<JournalLine> after(long id);
  }

  private final Journal journal;
  private final Source source;
  private final AtomicBoolean waiting = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor executor;

  private final AtomicLong lost = new AtomicLong();
  private volatile boolean failing;

  /** The greatest id of the events before this run and of those counted as lost. */
  private long settled;

  /**
   * Creates a writer, which writes nothing yet.
   *
   * @param before the id of the last event of earlier runs
   */
  JournalWriter(Journal journal, long before, Source source) {
    this.journal = journal;
    this.settled = before;
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
      writeAll();
    } catch (IOException | RuntimeException e) {
      failed(e);
      return;
    }
    if (failing) {
      failing = false;
      log.info("{} can be written again", journal.path());
    }
  }

  private void writeAll() throws IOException {
    long last = journal.lastId();
    int takenAway = 0;
    for (List<JournalLine> next = source.after(last); !next.isEmpty(); ) {
      int count = journal.append(next);
      long appended = next.get(count - 1).event().id();
      countLost(last, next.subList(0, count));
      last = journal.lastId();
      takenAway += last < appended ? 1 : 0;
      if (takenAway > 1) {
        throw new IOException("others change it again and again");
      }
      next = source.after(last);
    }
  }

  /** Counts those of this run between the last event that was in the journal and these. */
  private void countLost(long last, List<JournalLine> appended) {
    for (JournalLine line : appended) {
      long missing = line.id() - 1 - Math.max(last, settled);
      if (missing > 0) {
        lost.addAndGet(missing);
        settled = line.id() - 1;
      }
      last = line.id();
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

  /** Also finds a file that others removed or replaced while nothing happened. */
  private void touch() {
    if (failing) {
      return;
    }
    write();
    try {
      journal.touch();
    } catch (IOException e) {
      log.debug("The time stamp of {} cannot be renewed", journal.path(), e);
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
