package dev.understudy.testing.duel;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/** Reads heads and bodies of HTTP/1 strictly, as they come. */
final class Reader {
  private final InputStream in;
  private final boolean trickle;

  Reader(InputStream in, boolean trickle) {
    this.in = in;
    this.trickle = trickle;
  }

  /** Up to and with the empty line; empty: the connection has ended before. */
  String head() throws IOException {
    StringBuilder head = new StringBuilder();
    for (String line = line(true); !line.isEmpty(); line = line(false)) {
      head.append(line).append("\r\n");
    }
    return head.toString();
  }

  private String line(boolean mayEnd) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0 && mayEnd && line.size() == 0) {
        return "";
      }
      if (b < 0) {
        throw new EOFException("within a line");
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    if (!text.endsWith("\r")) {
      throw new IOException("a line without CR: " + text);
    }
    return text.substring(0, text.length() - 1);
  }

  /** Reads that many bytes. */
  void length(long length, ByteArrayOutputStream to, IntConsumer progress) throws IOException {
    byte[] buffer = new byte[trickle ? 1 : 16_384];
    long left = length;
    while (left > 0) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        throw new EOFException("within a body");
      }
      to.write(buffer, 0, n);
      left -= n;
      progress.accept(to.size());
    }
  }

  void toEnd(ByteArrayOutputStream to, IntConsumer progress) throws IOException {
    byte[] buffer = new byte[trickle ? 1 : 16_384];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      to.write(buffer, 0, n);
      progress.accept(to.size());
    }
  }

  /** Returns the trailers. */
  String chunks(ByteArrayOutputStream to, IntConsumer progress) throws IOException {
    for (int size = size(); size > 0; size = size()) {
      length(size, to, progress);
      if (!line(false).isEmpty()) {
        throw new IOException("data beyond a chunk's size");
      }
    }
    return head();
  }

  private int size() throws IOException {
    return Integer.parseInt(line(false), 16);
  }

  static String field(String head, String name) {
    for (String line : head.split("\r\n")) {
      if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
        return line.substring(name.length() + 1).trim();
      }
    }
    return null;
  }
}
