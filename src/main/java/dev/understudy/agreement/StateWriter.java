package dev.understudy.agreement;

import dev.understudy.agreement.RoleDecisions.Unwritten;
import dev.understudy.file.BackgroundWriter;
import dev.understudy.file.FileTenure;
import dev.understudy.recurring.Timers;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the newest state on a thread of its own, {@code understudy-state}. All changes during a
 * write are covered by one more write; a failed write is repeated after 5 s.
 */
final class StateWriter {
  private static final Logger log = LoggerFactory.getLogger(StateWriter.class);

  /** Longest wait of a command for the file. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  private final StateFile file;
  private final Supplier<byte[]> newest;
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
  StateWriter(StateFile file, FileTenure tenure, Supplier<byte[]> newest, Runnable caughtUp) {
    this.file = file;
    this.newest = newest;
    this.caughtUp = caughtUp;
    this.writer =
        new BackgroundWriter(
            "understudy-state", file.path(), "state", log, tenure, this::writeNewest);
    writer.whenTaken(this::claim);
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

  /**
   * Writes the newest state at once, whether or not it has changed.
   *
   * @return completed on that thread once it is on the disk, or after {@link #LONGEST_WAIT}: why it
   *     is not, for people; empty if it is
   */
  CompletableFuture<Optional<String>> write(DecisionThread thread) {
    CompletableFuture<Optional<String>> known = new CompletableFuture<>();
    Timers.Timer late =
        thread.schedule(
            LONGEST_WAIT,
            () -> known.complete(words("not done within " + LONGEST_WAIT.toSeconds() + " s")));
    writer.attempt(
        why ->
            thread.execute(
                () -> {
                  late.cancel();
                  known.complete(words(why));
                }));
    return known;
  }

  private Optional<String> words(@Nullable String why) {
    return because(why).map(Unwritten::words);
  }

  private Optional<Unwritten> because(@Nullable String why) {
    return Optional.ofNullable(why).map(known -> new Unwritten(file.path(), known));
  }

  /**
   * Why the newest state is not on the disk, though this process writes it; empty if it is, and the
   * last write was.
   */
  Optional<Unwritten> unwritten() {
    String why = writer.failure();
    boolean late = why == null && isBehind() && writer.isOurs();
    return because(late ? "a write of it has not ended yet" : why);
  }

  /** Writes a pending change, and waits for it for 5 s at most. */
  void close() {
    writer.close(file::unlock);
  }

  private void writeNewest() throws IOException {
    long upTo = changes.get();
    file.lock();
    file.write(newest.get());
    written = upTo;
    if (!isBehind()) {
      caughtUp.run();
    }
  }
}
