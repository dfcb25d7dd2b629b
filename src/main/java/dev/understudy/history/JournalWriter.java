package dev.understudy.history;

import dev.understudy.file.BackgroundWriter;
import dev.understudy.file.FileTenure;
import java.io.IOException;
import java.util.List;
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

  /** Interval of the sign of life, from which a start tells how long the process was away. */
  private static final long ALIVE_SECONDS = 10;

  /** Events in memory. */
  interface Source {
    /** The lines of the oldest events with a greater id, some at least; empty if there are none. */
    List<JournalLine> after(long id);
  }

  private final Journal journal;
  private final Source source;
  private final FileTenure tenure;
  private final BackgroundWriter writer;
  private final AtomicLong lost = new AtomicLong();

  /** The greatest id of the events before this run and of those counted as lost. */
  private long settled;

  /**
   * Creates a writer, which writes nothing yet.
   *
   * @param before the id of the last event of earlier runs
   */
  JournalWriter(Journal journal, long before, FileTenure tenure, Source source) {
    this.journal = journal;
    this.settled = before;
    this.source = source;
    this.tenure = tenure;
    this.writer =
        new BackgroundWriter(
            "understudy-history", journal.path(), "the history", log, tenure, this::writeAll);
    // Another process could not lock it.
    writer.whenReleased(this::release);
    writer.repeat(ALIVE_SECONDS, this::touch);
  }

  /** Has new events written soon. Never blocks; has no effect once closed. */
  void added() {
    writer.request();
  }

  /** Whether the last write failed. */
  boolean isFailing() {
    return writer.isFailing();
  }

  /** Number of events that were gone from memory before they could be written. */
  long lost() {
    return lost.get();
  }

  /** Writes what is left, for 5 s at most. */
  void close() {
    writer.request();
    writer.close(this::release);
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
        throw new IOException("another process keeps changing it");
      }
      next = source.after(last);
    }
  }

  /** Counts those of this run between the last event that was in the journal and these. */
  private void countLost(long last, List<JournalLine> appended) {
    for (JournalLine line : appended) {
      long missing = line.event().id() - 1 - Math.max(last, settled);
      if (missing > 0) {
        lost.addAndGet(missing);
        settled = line.event().id() - 1;
      }
      last = line.event().id();
    }
  }

  /** Also finds a file that others removed or replaced while nothing happened. */
  private void touch() {
    if (isFailing() || !tenure.isOurs()) {
      return;
    }
    writer.writeNow();
    try {
      journal.touch();
    } catch (IOException e) {
      log.debug("The time stamp of {} cannot be renewed", journal.path(), e);
    }
  }

  private void release() {
    try {
      journal.close();
    } catch (IOException e) {
      log.debug("{} cannot be closed", journal.path(), e);
    }
  }
}
