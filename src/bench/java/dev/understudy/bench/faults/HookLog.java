package dev.understudy.bench.faults;

import dev.understudy.bench.faults.HookEntry.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The hooks of the application's servers: one file beside the register, to which each appends what
 * it was called with, and one for each replica, which says how its calls end.
 */
final class HookLog {
  private static final Duration LOOK = Duration.ofMillis(20);

  /** How the calls of a replica end. */
  enum Mood {
    WORKS,
    FAILS,
    /** Not before that is over. */
    HANGS
  }

  private final Path file;

  private HookLog(Path file) {
    this.file = file;
  }

  static HookLog of(Path register) {
    return new HookLog(register.resolveSibling("hooks"));
  }

  /** From now on. */
  void set(String replica, Mood mood) throws IOException {
    Path text = moodFile(replica);
    if (mood == Mood.WORKS) {
      Files.deleteIfExists(text);
    } else {
      Files.writeString(text, mood.name());
    }
  }

  private Path moodFile(String replica) {
    return file.resolveSibling("hooks-" + replica);
  }

  private boolean is(String replica, Mood asked) {
    try {
      return Files.readString(moodFile(replica)).equals(asked.name());
    } catch (IOException e) {
      return false; // There is none.
    }
  }

  /** Carries a call out at a server, unless it heard of a higher epoch; whether it did. */
  boolean carryOut(String server, String replica, boolean promote, long epoch) throws IOException {
    HookEntry call = new HookEntry(System.nanoTime(), server, replica, promote, epoch, Stage.BEGUN);
    append(call);
    while (is(replica, Mood.HANGS)) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
    boolean done = !is(replica, Mood.FAILS) && highest(server) <= epoch;
    append(call.now(done ? Stage.DONE : Stage.REFUSED));
    return done;
  }

  private long highest(String server) throws IOException {
    return read().stream()
        .filter(hook -> hook.server().equals(server))
        .mapToLong(HookEntry::epoch)
        .max()
        .orElse(0);
  }

  private void append(HookEntry entry) throws IOException {
    Files.writeString(
        file, entry.line() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** All that was written down. */
  List<HookEntry> read() throws IOException {
    return Files.exists(file)
        ? Files.readAllLines(file).stream().map(HookEntry::of).toList()
        : List.of();
  }
}
