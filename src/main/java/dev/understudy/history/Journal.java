package dev.understudy.history;

import dev.understudy.event.FairEventBuffer;
import dev.understudy.file.BoundedFile;
import dev.understudy.file.DurableFile;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events on the disk: lines that are only appended, in two segments. When the current segment
 * is full, what both hold is compacted into the previous one, by {@link FairEventBuffer}.
 *
 * <ul>
 *   <li>Each call of {@link #append} forces its lines to the disk before it returns.
 *   <li>A write that fails is taken back as far as the file system allows. A line that was not
 *       written to its end, by this process or one before, is removed before the next.
 *   <li>The current segment is locked, so that a second process with the same file fails instead of
 *       mixing its lines in.
 *   <li>{@link #lastId} notices a current segment that others removed, replaced or cut; the next
 *       {@link #append} begins it anew.
 *   <li>A segment that cannot be compacted grows on, to {@value #MOST_SEGMENTS} times its size.
 * </ul>
 *
 * <p>Used by one thread at a time.
 */
final class Journal implements Closeable {
  static final int SEGMENT_BYTES = 2 * 1024 * 1024;

  /** The hard limit of one file, in segments. */
  static final int MOST_SEGMENTS = 4;

  private static final Logger log = LoggerFactory.getLogger(Journal.class);

  private final Path current;
  private final Path previous;
  private final int segmentBytes;
  private @Nullable JournalFile file;

  /** The current segment when it was written last; null before, and while it is a new one. */
  private JournalFile.@Nullable Extent written;

  /** The id of the last event in the files. */
  private long lastId;

  /** The id of the last event in the previous segment; 0 if it is not known. */
  private long previousLastId;

  /** The length beyond which the current segment is to be compacted. */
  private long fullAt;

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
    this.fullAt = segmentBytes;
  }

  Path path() {
    return current;
  }

  /** Reads all that is there; a journal that does not exist is empty. */
  JournalContent read() {
    JournalContent content = content();
    lastId = content.lastId();
    return content;
  }

  private JournalContent content() {
    return JournalReader.read(
        List.of(previous, current), MOST_SEGMENTS * segmentBytes + JournalLine.MAX_BYTES);
  }

  /**
   * The id of the last event in the files, by the last {@link #read} or {@link #append}; an earlier
   * one if the current segment is no longer as it was written, so that later events, which others
   * took away, can be written again.
   *
   * @throws IOException if it cannot be found out
   */
  long lastId() throws IOException {
    if (!isInPlace()) {
      log.warn(
          "{} was removed, replaced or truncated by another process; writing it again", current);
      close();
      written = null;
      lastId = Files.exists(previous) ? previousLastId : 0;
    }
    return lastId;
  }

  private boolean isInPlace() throws IOException {
    try {
      return written == null || written.isAt(current);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /**
   * Appends the first of these lines, as many as one segment takes.
   *
   * @param lines at least one
   * @return how many are on the disk now; at least one
   * @throws IOException if none of them is for certain
   */
  int append(List<JournalLine> lines) throws IOException {
    JournalFile out = opened();
    byte[] line = lines.getFirst().bytes();
    if (out.length() > 0 && out.length() + line.length > fullAt) {
      out = renewed(out.length() + line.length);
    }
    ByteArrayOutputStream batch = new ByteArrayOutputStream();
    int count = 0;
    do {
      batch.writeBytes(line);
      count++;
      if (count == lines.size()) {
        break;
      }
      line = lines.get(count).bytes();
    } while (out.length() + batch.size() + line.length <= fullAt);
    write(out, batch.toByteArray());
    lastId = lines.get(count - 1).event().id();
    return count;
  }

  private void write(JournalFile out, byte[] lines) throws IOException {
    try {
      out.append(lines);
      written = out.extent();
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private JournalFile opened() throws IOException {
    JournalFile open = file;
    if (open == null) {
      open = JournalFile.open(current);
      file = open;
    }
    return open;
  }

  /**
   * Compacts both segments into the previous one and opens a new one. If that is impossible the
   * same segment goes on, up to its hard limit.
   *
   * @param needed length of the segment if it goes on
   */
  private JournalFile renewed(long needed) throws IOException {
    close();
    try {
      compact();
    } catch (IOException e) {
      goOn(needed, e);
      return opened();
    }
    if (fullAt > segmentBytes) {
      log.info("{} can be compacted again", current);
    }
    fullAt = segmentBytes;
    written = null;
    previousLastId = lastId;
    return opened();
  }

  /** After a crash between its two steps, the reader skips what the current segment repeats. */
  private void compact() throws IOException {
    JournalContent content = content();
    if (!content.problems().isEmpty()) {
      throw new IOException(content.problems().getFirst());
    }
    if (content.events().isEmpty()) {
      // Another program's file: not to be removed.
      Files.move(current, previous, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    FairEventBuffer<StoredEvent> kept =
        new FairEventBuffer<>(segmentBytes, event -> line(event, content.lineage()).length);
    content.events().forEach(kept::add);
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    kept.after(0, Integer.MAX_VALUE)
        .forEach(event -> lines.writeBytes(line(event, content.lineage())));
    DurableFile.replace(previous, lines.toByteArray());
    Files.delete(current);
  }

  /** The line of an event of the journal. */
  private static byte[] line(StoredEvent event, Lineage lineage) {
    String history = Objects.requireNonNull(lineage.historyOf(event.id()));
    return new JournalLine(history, event).bytes();
  }

  private void goOn(long needed, IOException failure) throws IOException {
    long limit = (long) MOST_SEGMENTS * segmentBytes;
    String why = BoundedFile.reason(failure);
    if (needed > limit) {
      throw new IOException("it is full and cannot be compacted into " + previous + ": " + why);
    }
    if (fullAt == segmentBytes) {
      log.warn("{} cannot be compacted and may grow to {} bytes: {}", current, limit, why);
    }
    fullAt = Math.min(limit, needed + segmentBytes / MOST_SEGMENTS);
  }

  /**
   * Notes that this process is alive, as the time of the current segment's last modification, if it
   * is open.
   */
  void touch() throws IOException {
    try {
      if (file != null) {
        file.touch();
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    JournalFile open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }
}
