package dev.understudy.history;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events on the disk: lines that are only appended, in two segments. When the current segment
 * is full it becomes the previous one, which replaces the one before it.
 *
 * <ul>
 *   <li>Each call of {@link #append} forces its lines to the disk before it returns.
 *   <li>A write that fails is taken back as far as the file system allows. A line that was not
 *       written to its end, by this process or one before, is removed before the next.
 *   <li>The current segment is locked, so that a second process with the same file fails instead of
 *       mixing its lines in.
 * </ul>
 *
 * <p>Used by one thread at a time.
 */
final class Journal implements Closeable {
  static final int SEGMENT_BYTES = 2 * 1024 * 1024;

  private final Path current;
  private final Path previous;
  private final int segmentBytes;
  private @Nullable FileChannel channel;

  /** Bytes of the current segment; valid while it is open. */
  private long length;

  /** Of the open file; another one may take its name. */
  private String identity = "";

  /**
   * Creates a journal without opening it.
   *
   * @param current the current segment; the previous one has {@code .1} appended to its name
   * @param segmentBytes at which a segment is full
   */
  Journal(Path current, int segmentBytes) {
    this.current = current.toAbsolutePath();
    this.previous = this.current.resolveSibling(this.current.getFileName() + ".1");
    this.segmentBytes = segmentBytes;
  }

  Path path() {
    return current;
  }

  /** Reads all that is there; a journal that does not exist is empty. */
  JournalContent read() {
    return JournalReader.read(List.of(previous, current), segmentBytes + JournalLine.MAX_BYTES);
  }

  /**
   * Appends the first of these events, as many as one segment takes.
   *
   * @param history the name of the history that the events' ids belong to
   * @param events at least one
   * @return how many are on the disk now; at least one
   * @throws IOException if none of them is for certain
   */
  int append(String history, List<StoredEvent> events) throws IOException {
    FileChannel out = opened();
    byte[] line = new JournalLine(history, events.getFirst()).bytes();
    if (length > 0 && length + line.length > segmentBytes) {
      out = rotated();
    }
    ByteArrayOutputStream batch = new ByteArrayOutputStream();
    int count = 0;
    do {
      batch.writeBytes(line);
      count++;
      if (count == events.size()) {
        break;
      }
      line = new JournalLine(history, events.get(count)).bytes();
    } while (length + batch.size() + line.length <= segmentBytes);
    write(out, ByteBuffer.wrap(batch.toByteArray()));
    return count;
  }

  private void write(FileChannel out, ByteBuffer batch) throws IOException {
    int bytes = batch.remaining();
    try {
      while (batch.hasRemaining()) {
        out.write(batch);
      }
      out.force(false);
      length += bytes;
    } catch (IOException e) {
      try (FileChannel failed = out) {
        channel = null;
        failed.truncate(length);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private FileChannel opened() throws IOException {
    FileChannel open = channel;
    if (open == null) {
      return open();
    }
    if (open.size() != length) {
      // Changed by others.
      length = repaired(open);
      open.position(length);
    }
    return open;
  }

  private FileChannel open() throws IOException {
    FileChannel opening =
        FileChannel.open(
            current, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(opening);
      length = repaired(opening);
      opening.position(length);
      identity = identity();
      forceDirectory();
    } catch (IOException | RuntimeException e) {
      opening.close();
      throw e;
    }
    channel = opening;
    return opening;
  }

  /** Held until the channel is closed. */
  private static void lock(FileChannel opening) throws IOException {
    FileLock lock;
    try {
      lock = opening.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new IOException("another process writes it");
    }
  }

  /** Removes a torn last line; returns the length of what is left. */
  private static long repaired(FileChannel file) throws IOException {
    long size = file.size();
    ByteBuffer end = ByteBuffer.allocate((int) Math.min(size, JournalLine.MAX_BYTES));
    long from = size - end.capacity();
    while (end.hasRemaining() && file.read(end, from + end.position()) >= 0) {
      // Until the buffer is full.
    }
    int kept = end.position();
    while (kept > 0 && end.get(kept - 1) != '\n') {
      kept--;
    }
    if (kept == 0 && from > 0) {
      // No line is so long: not ours to remove.
      file.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
      return size + 1;
    }
    if (from + kept < size) {
      file.truncate(from + kept);
    }
    return from + kept;
  }

  private FileChannel rotated() throws IOException {
    close();
    Files.move(
        current, previous, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return open();
  }

  private void forceDirectory() throws IOException {
    try (FileChannel directory =
        FileChannel.open(current.resolveSibling("."), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  /**
   * Notes that this process is alive, as the time of the current segment's last modification, by
   * writing its last byte again. Setting the time by name would open and close the file, which ends
   * a lock of POSIX. A segment that was removed or replaced meanwhile is closed, and opened anew by
   * the next {@link #append}.
   */
  void touch() throws IOException {
    FileChannel open = channel;
    if (open == null) {
      return;
    }
    try {
      if (!identity().equals(identity)) {
        close();
      } else if (length > 0 && open.size() == length) {
        open.write(ByteBuffer.wrap(new byte[] {'\n'}), length - 1);
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Of the file that has the current segment's name. */
  private String identity() throws IOException {
    return String.valueOf(Files.readAttributes(current, BasicFileAttributes.class).fileKey());
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }
}
