package dev.understudy.agreement.kubernetes;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/** Splits chunks of any size into lines of limited length. */
final class LineSplitter {
  private final int max;
  private final Consumer<byte[]> lines;
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

  /**
   * Creates a splitter.
   *
   * @param max limit of a line in bytes
   * @param lines called with each line, without its end
   */
  LineSplitter(int max, Consumer<byte[]> lines) {
    this.max = max;
    this.lines = lines;
  }

  /** Takes the next chunk; does not release it. */
  void add(ByteBuf chunk) {
    int from = chunk.readerIndex();
    int end = chunk.writerIndex();
    while (from < end) {
      int newline = chunk.indexOf(from, end, (byte) '\n');
      int to = newline < 0 ? end : newline;
      append(chunk, from, to - from);
      if (newline >= 0) {
        finish();
      }
      from = to + 1;
    }
  }

  private void append(ByteBuf chunk, int from, int length) {
    if (begun.size() + length > max) {
      throw new LeaseFormat.MalformedException("a line is longer than " + max + " bytes");
    }
    byte[] bytes = new byte[length];
    chunk.getBytes(from, bytes);
    begun.writeBytes(bytes);
  }

  private void finish() {
    byte[] line = begun.toByteArray();
    begun.reset();
    if (line.length > 0) {
      lines.accept(line);
    }
  }
}
