package dev.understudy.history;

import dev.understudy.file.BoundedFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the journal's segments, oldest first.
 *
 * <table>
 * <caption>Lines</caption>
 * <tr><th>line</th><th>result</th></tr>
 * <tr><td>intact, its id greater than all before</td><td>an event</td></tr>
 * <tr><td>intact, of another id: a write that failed late was repeated</td><td>skipped</td></tr>
 * <tr><td>empty</td><td>skipped</td></tr>
 * <tr><td>the last of a segment, without its LF</td><td>torn: skipped</td></tr>
 * <tr><td>any other</td><td>damaged: skipped and counted</td></tr>
 * </table>
 *
 * <p>Only the end is read of a segment that is larger than any that is written.
 */
final class JournalReader {
  private final int maxBytes;
  private final List<StoredEvent> events = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final Map<String, Long> histories = new LinkedHashMap<>();
  private @Nullable Instant alive;
  private long lastId;
  private int damaged;
  private boolean torn;
  private boolean endKnown;

  /**
   * @param maxBytes of one segment
   */
  private JournalReader(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  static JournalContent read(List<Path> segments, int maxBytes) {
    JournalReader reader = new JournalReader(maxBytes);
    segments.forEach(reader::segment);
    return new JournalContent(
        reader.events,
        reader.damaged,
        reader.torn,
        reader.endKnown,
        new Lineage(reader.histories),
        reader.alive,
        reader.problems);
  }

  private void segment(Path file) {
    byte[] bytes;
    try {
      bytes = content(file);
      alive = Files.getLastModifiedTime(file).toInstant();
    } catch (NoSuchFileException e) {
      endKnown = false;
      return;
    } catch (IOException e) {
      endKnown = false;
      problems.add(file + " cannot be read: " + BoundedFile.reason(e));
      return;
    }
    // A new segment is created to be written at once.
    endKnown &= bytes.length > 0;
    lines(bytes);
  }

  private byte[] content(Path file) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      channel.position(Math.max(0, channel.size() - maxBytes));
      return Channels.newInputStream(channel).readNBytes(maxBytes);
    }
  }

  private void lines(byte[] bytes) {
    int from = 0;
    for (int at = 0; at < bytes.length; at++) {
      if (bytes[at] == '\n') {
        line(bytes, from, at);
        from = at + 1;
      }
    }
    torn = from < bytes.length;
    endKnown &= !torn;
  }

  private void line(byte[] bytes, int from, int to) {
    if (from == to) {
      return;
    }
    JournalLine line = JournalLine.parse(bytes, from, to);
    if (line == null) {
      damaged++;
      endKnown = false;
      return;
    }
    endKnown = line.event().id() >= lastId;
    if (line.event().id() > lastId) {
      lastId = line.event().id();
      histories.put(line.history(), lastId);
      events.add(line.event());
    }
  }
}
