package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads HTTP/1 heads of the plain form that nearly all have: a first line of visible ASCII, spaces
 * and tabs, then lines of a token, a colon, one space, and a value of visible ASCII with spaces and
 * tabs only inside it. Each line ends with CRLF, and the head is complete. Any other head, whether
 * malformed, unusual or incomplete, is rejected and left to a complete HTTP/1 decoder. Nothing here
 * is lenient, so the lines can be relayed byte by byte.
 *
 * <p>One instance per thread; each read overwrites the result of the one before.
 */
public final class PlainHead {
  /** The longest head that is read here, in bytes; a longer one is left to Netty. */
  private static final int MAX_BYTES = 8 * 1024;

  private static final int MAX_FIELDS = 64;

  /** The number of bytes tried first: nearly all heads are shorter, and copying more costs time. */
  private static final int FIRST_BYTES = 1024;

  private static final byte TOKEN = 1;
  private static final byte INSIDE = 2;
  private static final byte VISIBLE = 4;

  /** The characters of nearly all names: a token's letters, digits and hyphens. */
  private static final byte NAME = 8;

  /** The character classes of each byte, as a bit set. */
  private static final byte[] CLASS = new byte[256];

  static {
    for (char c = 0; c < 128; c++) {
      if (HttpToken.has(c)) {
        CLASS[c] |= RequestFields.isMark(c) ? TOKEN : TOKEN | NAME;
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

  /** The head, then four bytes that belong to no class. */
  private final byte[] bytes = new byte[MAX_BYTES + 4];

  private final long[] lines = new long[MAX_FIELDS];
  private int count;
  private boolean marks;
  private int firstLine;
  private int size;

  private PlainHead() {}

  /**
   * Reads a head at the reader index, which does not move. Returns null if there is no plain head.
   */
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
    marks = false;
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

  /**
   * Reads the field line that begins at {@code start}. Returns the index of its line end, negative
   * if it is not a plain field.
   */
  private int field(byte[] all, int start) {
    int at = start;
    while (is(all[at], NAME)) {
      at++;
    }
    if (is(all[at], TOKEN)) {
      marks = true;
      while (is(all[at], TOKEN)) {
        at++;
      }
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

  /** Whether the name and the value form a plain field. */
  static boolean isField(CharSequence name, CharSequence value) {
    if (value.isEmpty() || !HttpToken.is(name)) {
      return false;
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

  /** The length of the first line in bytes, without its CRLF. */
  public int firstLine() {
    return firstLine;
  }

  /** The number of fields. */
  public int fields() {
    return count;
  }

  /** The length of the head in bytes, including the empty line. */
  public int size() {
    return size;
  }

  /** Returns a character of the first line; at {@link #firstLine()} it is never visible. */
  public char charAt(int index) {
    return (char) bytes[index];
  }

  /** Whether the first line contains the text at the index. */
  public boolean has(String part, int at) {
    for (int i = 0; i < part.length(); i++) {
      if (bytes[at + i] != part.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Returns a part of the first line; {@code to} is exclusive. */
  public String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** Returns a copy of the fields that later reads do not overwrite. */
  public PlainHeaders headers() {
    return new PlainHeaders(new HeadLines(bytes, firstLine + 2, size - 2, lines, count, marks));
  }
}
