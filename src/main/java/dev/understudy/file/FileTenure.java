package dev.understudy.file;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Whether this process writes the files of its replica. While one process hands over to the next,
 * at most one of them does. Thread-safe.
 */
public final class FileTenure {
  private final List<BackgroundWriter> writers = new CopyOnWriteArrayList<>();
  private volatile boolean ours;

  private FileTenure(boolean ours) {
    this.ours = ours;
  }

  /** The tenure of a process which writes from its start on. */
  public static FileTenure ours() {
    return new FileTenure(true);
  }

  /** The tenure of a process which writes nothing until it {@linkplain #begin begins} to. */
  public static FileTenure ofAnother() {
    return new FileTenure(false);
  }

  void add(BackgroundWriter writer) {
    writers.add(writer);
  }

  public boolean isOurs() {
    return ours;
  }

  /** Ends the writing; waits for what is under way, for 5 s at most for each file. */
  public void end() {
    writers.forEach(BackgroundWriter::awaitWrite);
    ours = false;
    writers.forEach(BackgroundWriter::release);
  }

  /** Begins to write, also what was requested before. */
  public void begin() {
    ours = true;
    writers.forEach(BackgroundWriter::resume);
  }
}
