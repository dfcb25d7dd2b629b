package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads heads of HTTP/1 that are written as nearly all are: a line of visible characters, then
 * lines of a token, a colon, one space, and a value of visible ASCII with spaces and tabs only
 * inside it; each ends with CRLF, and all of them have come. Of any other, whether it is malformed,
 * unusual or not whole, it only says that it is none: then a decoder has to read it that knows all
 * of HTTP/1. So nothing here is lenient, and what was read can go on byte by byte.
 *
 * <p>There is one for each thread; what it read last is overwritten by what it reads next.
 */
public final class PlainHead {
  /** Longer heads are left to others. */
  private static final int MAX_BYTES = 8 * 1024;

  private static final int MAX_FIELDS = 64;

  /** What is looked at first: nearly all heads are shorter, and copying more is not free. */
  private static final int FIRST_BYTES = 1024;

  private static final byte TOKEN = 1;
  private static final byte INSIDE = 2;
  private static final byte VISIBLE = 4;

  /** Of which classes a byte is. */
  private static final byte[] CLASS = new byte[256];

  static {
    for (char c = 0; c < 128; c++) {
      if (HttpToken.has(c)) {
        CLASS[c] |= TOKEN;
      }
      if (c > ' ' && c < 0x7f) {
        CLASS[c] |= VISIBLE | INSIDE;
      }
    }
    CLASS[' '] |= INSIDE;
    CLASS['\t'] |= INSIDE;
  }

  private static final FastThreadLocal<PlainHead> OWN =
      new FastThreadLocal<>() {
        @Override
        protected PlainHead initialValue() {
          return new PlainHead();
        }
      };

  /** The head, and bytes behind it that are of no class. */
  private final byte[] bytes = new byte[MAX_BYTES + 4];

  private final long[] lines = new long[MAX_FIELDS];
  private int count;
  private int firstLine;
  private int size;

  private PlainHead() {}

  /** Looks for one at the reader's index, and does not move it; null: there is none. */
  public static @Nullable PlainHead at(ByteBuf in) {
    PlainHead own = OWN.get();
    int readable = Math.min(in.readableBytes(), MAX_BYTES);
    boolean found =
        readable <= FIRST_BYTES
            ? own.read(in, readable)
            : own.read(in, FIRST_BYTES) || own.read(in, readable);
    return found ? own : null;
  }

  private boolean read(ByteBuf in, int length) {
    byte[] all = bytes;
    in.getBytes(in.readerIndex(), all, 0, length);
    all[length] = 0;
    all[length + 1] = 0;
    all[length + 2] = 0;
    all[length + 3] = 0;
    count = 0;
    int at = 0;
    while (is(all[at], INSIDE)) {
      at++;
    }
    firstLine = at;
    while (at >= 0 && all[at] == '\r' && all[at + 1] == '\n') {
      if (all[at + 2] == '\r' && all[at + 3] == '\n') {
        size = at + 4;
        return true;
      }
      at = field(all, at + 2);
    }
    return false;
  }

  /** Where the line ends that begins there; negative: it is none. */
  private int field(byte[] all, int start) {
    int at = start;
    while (is(all[at], TOKEN)) {
      at++;
    }
    int nameLength = at - start;
    if (nameLength == 0 || all[at] != ':' || all[at + 1] != ' ' || !is(all[at + 2], VISIBLE)) {
      return -1;
    }
    at += 2;
    while (is(all[at], INSIDE)) {
      at++;
    }
    if (count == MAX_FIELDS || !is(all[at - 1], VISIBLE)) {
      return -1;
    }
    lines[count++] = HeadLines.line(start - firstLine - 2, nameLength, at + 2 - start);
    return at;
  }

  private static boolean is(byte character, byte ofClass) {
    return (CLASS[character & 0xff] & ofClass) != 0;
  }

  /** Whether that could be a field of such a head. */
  static boolean isField(CharSequence name, CharSequence value) {
    if (name.isEmpty() || value.isEmpty()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (!HttpToken.has(name.charAt(i))) {
        return false;
      }
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c > 0x7f || !is((byte) c, INSIDE)) {
        return false;
      }
    }
    return is((byte) value.charAt(0), VISIBLE)
        && is((byte) value.charAt(value.length() - 1), VISIBLE);
  }

  /** How long the first line is, without its end. */
  public int firstLine() {
    return firstLine;
  }

  /** How long it is, with the empty line. */
  public int size() {
    return size;
  }

  /** A character of the first line; what is there at its end is no visible one. */
  public char charAt(int index) {
    return (char) bytes[index];
  }

  /** Whether that is part of the first line there. */
  public boolean has(String part, int at) {
    for (int i = 0; i < part.length(); i++) {
      if (bytes[at + i] != part.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** A part of the first line. */
  public String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** The fields, to keep. */
  public PlainHeaders headers() {
    return new PlainHeaders(new HeadLines(bytes, firstLine + 2, size - 2, lines, count));
  }
}
