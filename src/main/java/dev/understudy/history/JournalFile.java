package dev.understudy.history;

import dev.understudy.file.DurableFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The open file of the journal's current segment, locked against other processes until it is
 * closed. It is created with the mode that the process's umask leaves, as the state file is.
 */
final class JournalFile implements Closeable {
  /**
   * What a file was when it was written last.
   *
   * @param key identifies the file, since another one may take its name; null where the file system
   *     has no such key
   */
  record Extent(@Nullable Object key, long length) {
    private static Extent of(Path path) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return new Extent(attributes.fileKey(), attributes.size());
    }

    /** Whether the file of that name is still this one, and has not lost its end. */
    boolean isAt(Path path) throws IOException {
      Extent now = of(path);
      return String.valueOf(now.key).equals(String.valueOf(key)) && now.length >= length;
    }
  }

  private final FileChannel channel;
  private final @Nullable Object key;
  private long length;

  private JournalFile(FileChannel channel, @Nullable Object key, long length) {
    this.channel = channel;
    this.key = key;
    this.length = length;
  }

  /**
   * Opens the file, creates it if there is none, and removes a torn last line.
   *
   * @throws IOException also if another process has it open
   */
  static JournalFile open(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      DurableFile.giveToOwnerOfFolder(path);
      DurableFile.lock(channel);
      JournalFile file = new JournalFile(channel, Extent.of(path).key(), repaired(channel));
      DurableFile.forceDirectory(path);
      return file;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Removes a torn last line; returns the remaining length. */
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
      // No line of a journal is so long: another program's file, which is not removed.
      file.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
      return size + 1;
    }
    if (from + kept < size) {
      file.truncate(from + kept);
    }
    return from + kept;
  }

  /** In bytes. */
  long length() {
    return length;
  }

  Extent extent() {
    return new Extent(key, length);
  }

  /**
   * Appends whole lines and forces them to the disk. A failure takes them back as far as the file
   * system allows; the file must be opened again then.
   */
  void append(byte[] lines) throws IOException {
    if (channel.size() != length) {
      // Changed by others.
      length = repaired(channel);
    }
    try {
      channel.position(length);
      Channels.newOutputStream(channel).write(lines);
      channel.force(false);
    } catch (IOException e) {
      takeBack(e);
      throw e;
    }
    length += lines.length;
  }

  private void takeBack(IOException failure) {
    try {
      channel.truncate(length);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Sets the time of the last modification by writing the last byte again. Setting it by name would
   * open and close the file, which ends a lock of POSIX.
   */
  void touch() throws IOException {
    if (length > 0 && channel.size() == length) {
      channel.write(ByteBuffer.wrap(new byte[] {'\n'}), length - 1);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
