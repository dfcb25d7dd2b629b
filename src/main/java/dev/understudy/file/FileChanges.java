package dev.understudy.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells from a file's attributes whether its content may have changed, so that it is read only
 * then.
 *
 * <p>Compares the inode with the size and the time of its last change, which no program can set, of
 * the file at the end of all symbolic links. A file that changed within the last second counts as
 * changed: a second change in the same tick of the kernel's clock would not show (as in Git's
 * "racy" index). Where the clock of a network file system is behind by more, such a change is
 * missed until {@link #forget}. Not safe for concurrent use.
 */
public final class FileChanges {
  private static final long SETTLED_MILLIS = Duration.ofSeconds(1).toMillis();
  private static final String CHANGED = "ctime";

  private final Path file;
  private final LongSupplier millis;
  private @Nullable Map<String, Object> seen;

  /** Creates one for which the first call of {@link #any} returns true. */
  public FileChanges(Path file) {
    this(file, System::currentTimeMillis);
  }

  FileChanges(Path file, LongSupplier millis) {
    this.file = file;
    this.millis = millis;
  }

  /**
   * Whether the content may differ from what was read after the last call. If so, the caller must
   * read it now.
   *
   * @throws IOException if the file is not there, or is not accessible
   */
  public boolean any() throws IOException {
    Map<String, Object> before = seen;
    seen = null;
    Map<String, Object> now = attributes();
    seen = isSettled(now) ? now : null;
    return !now.equals(before);
  }

  /** Has the next call of {@link #any} return true. */
  public void forget() {
    seen = null;
  }

  private Map<String, Object> attributes() throws IOException {
    try {
      return Files.readAttributes(file, "unix:dev,ino,size," + CHANGED);
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      // Not a Unix: no attribute tells reliably, so the content is read each time.
      return Map.of();
    }
  }

  private boolean isSettled(Map<String, Object> attributes) {
    return attributes.get(CHANGED) instanceof FileTime changed
        && Math.abs(millis.getAsLong() - changed.toMillis()) > SETTLED_MILLIS;
  }
}
