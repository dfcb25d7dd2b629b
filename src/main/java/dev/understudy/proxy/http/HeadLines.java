package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The lines of plain header fields: those that {@link PlainHead} read, and those that are added
 * later.
 */
final class HeadLines {
  /** Spare bytes for fields that are added later. */
  private static final int ROOM = 96;

  private static final int MAX_BYTES = 0xffff;

  /** The most digits of a length that always fit into a long. */
  private static final int MAX_DIGITS = 18;

  /** The lines in order; removed ones stay in the array and are skipped. */
  private byte[] bytes;

  private int end;

  /** The start, name length and length of each line, as packed by {@link #line}. */
  private long[] lines;

  private int count;

  /** A bit set of the lengths that names have had; bit 63 stands for 63 and more. */
  private long lengths;

  /** A bit set of the first letters that names have had; bit 0 is {@code a}. */
  private int initials;

  private final boolean marks;

  /**
   * Copies the lines from {@code from} to {@code to}, exclusive.
   *
   * @param marks whether a name has a character other than letters, digits and hyphens
   */
  HeadLines(byte[] source, int from, int to, long[] lines, int count, boolean marks) {
    this.marks = marks;
    end = to - from;
    bytes = new byte[end + ROOM];
    System.arraycopy(source, from, bytes, 0, end);
    this.lines = Arrays.copyOf(lines, count + 2);
    this.count = count;
    for (int i = 0; i < count; i++) {
      lengths |= lengthBit(nameLength(lines[i]));
      initials |= initialBit(initial(i));
    }
  }

  /**
   * Packs a line's position into a long.
   *
   * @param start in bytes from the start of the first line
   * @param length in bytes, with CRLF; at most 65535
   */
  static long line(int start, int nameLength, int length) {
    return ((long) start << 32) | ((long) nameLength << 16) | length;
  }

  private static int start(long line) {
    return (int) (line >>> 32);
  }

  private static int nameLength(long line) {
    return (int) line >>> 16;
  }

  private static int length(long line) {
    return (int) line & 0xffff;
  }

  private static long lengthBit(int nameLength) {
    return 1L << Math.min(63, nameLength);
  }

  /** Characters other than letters share the bits of letters. */
  private static int initialBit(int letter) {
    return 1 << (letter - 'a');
  }

  /**
   * Whether a name may begin with the letter; can be true without one.
   *
   * @param letter in lower case
   */
  boolean mayBegin(char letter) {
    return (initials & initialBit(letter)) != 0;
  }

  /** Whether a name that the client sent has a character other than letters, digits, hyphens. */
  boolean haveMarks() {
    return marks;
  }

  int count() {
    return count;
  }

  /** The number of bytes that {@link #writeTo(ByteBuf)} writes. */
  int bytes() {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += length(lines[i]);
    }
    return sum;
  }

  void writeTo(ByteBuf out) {
    int i = 0;
    while (i < count) {
      int from = start(lines[i]);
      int to = from;
      // Adjacent lines are written together.
      while (i < count && start(lines[i]) == to) {
        to += length(lines[i]);
        i++;
      }
      out.writeBytes(bytes, from, to - from);
    }
  }

  void writeTo(HeadWriter out, int index) {
    out.raw(bytes, start(lines[index]), length(lines[index]));
  }

  int nameLength(int index) {
    return nameLength(lines[index]);
  }

  /** The first letter of a name, in lower case. */
  int initial(int index) {
    return bytes[start(lines[index])] | 0x20;
  }

  AsciiString name(int index) {
    long line = lines[index];
    return new AsciiString(bytes, start(line), nameLength(line), false);
  }

  String value(int index) {
    int from = valueStart(index);
    return new String(bytes, from, valueEnd(index) - from, StandardCharsets.ISO_8859_1);
  }

  private int valueStart(int index) {
    return start(lines[index]) + nameLength(lines[index]) + 2;
  }

  private int valueEnd(int index) {
    return start(lines[index]) + length(lines[index]) - 2;
  }

  /** Returns the index of the next field of the name from {@code from} on; negative if none. */
  int find(CharSequence name, int from) {
    int length = name.length();
    if ((lengths & lengthBit(length)) == 0) {
      return -1;
    }
    for (int i = from; i < count; i++) {
      if (nameLength(lines[i]) == length && isNamed(start(lines[i]), name, length)) {
        return i;
      }
    }
    return -1;
  }

  private boolean isNamed(int at, CharSequence name, int length) {
    for (int i = 0; i < length; i++) {
      int is = bytes[at + i];
      int wanted = name.charAt(i);
      if (is != wanted && lower(is) != lower(wanted)) {
        return false;
      }
    }
    return true;
  }

  private static int lower(int c) {
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
  }

  /** See {@link PlainHeaders#contentLength}. */
  long contentLength() {
    int at = find(HttpHeaderNames.CONTENT_LENGTH, 0);
    if (at < 0) {
      return PlainHeaders.NO_LENGTH;
    }
    int to = valueEnd(at);
    int from = valueStart(at);
    if (to - from > MAX_DIGITS || find(HttpHeaderNames.CONTENT_LENGTH, at + 1) >= 0) {
      return PlainHeaders.UNCLEAR;
    }
    long length = 0;
    for (int i = from; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return PlainHeaders.UNCLEAR;
      }
      length = 10 * length + digit;
    }
    return length;
  }

  /**
   * Appends a field for which {@link PlainHead#isField} holds. Returns false if the lines would
   * exceed 65535 bytes.
   */
  boolean add(CharSequence name, CharSequence value) {
    int length = name.length() + value.length() + 4;
    if (end + length > MAX_BYTES) {
      return false;
    }
    if (bytes.length - end < length) {
      bytes = Arrays.copyOf(bytes, end + length + ROOM);
    }
    if (count == lines.length) {
      lines = Arrays.copyOf(lines, 2 * count + 2);
    }
    lines[count++] = line(end, name.length(), length);
    lengths |= lengthBit(name.length());
    initials |= initialBit(name.charAt(0) | 0x20);
    put(name);
    bytes[end++] = ':';
    bytes[end++] = ' ';
    put(value);
    bytes[end++] = '\r';
    bytes[end++] = '\n';
    return true;
  }

  private void put(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      bytes[end++] = (byte) text.charAt(i);
    }
  }

  void remove(CharSequence name) {
    for (int at = find(name, 0); at >= 0; at = find(name, at)) {
      remove(at);
    }
  }

  /** Removes one line; the indexes of later lines decrease by one. */
  void remove(int index) {
    count--;
    System.arraycopy(lines, index + 1, lines, index, count - index);
  }
}
