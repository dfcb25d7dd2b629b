package dev.understudy.agreement;

import dev.understudy.file.BackgroundWriter;
import dev.understudy.file.FileTenure;
import java.io.IOException;
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

  private final StateFile file;
  private final Supplier<StateDocument> newest;
  private final Runnable caughtUp;
  private final BackgroundWriter writer;
  private final AtomicLong changes = new AtomicLong();

  /** Number of changes that the file holds. */
  private volatile long written;

  /**
   * Creates a writer, which writes nothing yet.
   *
   * @param newest gives the state to write; called on the writer's thread
   * @param caughtUp run on the writer's thread when {@link #isBehind} has become false
   */
  StateWriter(
      StateFile file, FileTenure tenure, Supplier<StateDocument> newest, Runnable caughtUp) {
    this.file = file;
    this.newest = newest;
    this.caughtUp = caughtUp;
    this.writer =
        new BackgroundWriter("understudy-state", file.path(), "state", log, tenure, this::write);
    writer.whenReleased(file::unlock);
  }

  /**
   * Takes the file for this process. As long as another one has it, the state here is {@linkplain
   * #isBehind not on the disk}.
   */
  void claim() {
    try {
      file.lock();
    } catch (IOException e) {
      changed();
    }
  }

  /** Has the new state written soon. Never blocks; has no effect once closed. */
  void changed() {
    changes.incrementAndGet();
    writer.request();
  }

  /** Whether the newest state is not on the disk yet, or could not be written. */
  boolean isBehind() {
    return written != changes.get();
  }

  /** Writes a pending change, and waits for it for 5 s at most. */
  void close() {
    writer.close(file::unlock);
  }

  private void write() throws IOException {
    long upTo = changes.get();
    file.lock();
    file.write(newest.get());
    written = upTo;
    if (!isBehind()) {
      caughtUp.run();
    }
  }
}
