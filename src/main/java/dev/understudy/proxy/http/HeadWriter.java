package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes upstream request heads into one reused array and copies each into a buffer. Rejects any
 * character that could end a line, a name or the head (RFC 9110 §5.5, RFC 9112 §3): values set by
 * an operator's filter are trusted no more than those sent by a client.
 */
public final class HeadWriter {
  private static final int FIRST_SIZE = 2 * 1024;

  /** The largest array that is reused, in bytes. */
  private static final int MAX_KEPT = 64 * 1024;

  private static final byte[] COLON = {':', ' '};
  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte[] VERSION = ascii(" HTTP/1.1\r\n");

  /** The length of what follows the target in a request line, in bytes. */
  static final int VERSION_SIZE = VERSION.length;

  private byte[] bytes = new byte[FIRST_SIZE];
  private int size;

  /** Encodes a constant for {@link #raw}. */
  public static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Begins a request head and discards whatever was written before.
   *
   * @throws IllegalArgumentException if the method is no token, or the target contains a space or a
   *     control character below it
   */
  void begin(HttpMethod method, String target) {
    if (bytes.length > MAX_KEPT) {
      bytes = new byte[FIRST_SIZE];
    }
    size = 0;
    token(method.asciiName());
    put(' ');
    target(target);
    raw(VERSION);
  }

  private void target(String target) {
    int length = target.length();
    makeRoom(length);
    if (length == 0) {
      put('/');
    }
    for (int i = 0; i < length; i++) {
      char c = target.charAt(i);
      if (c <= ' ') {
        throw new IllegalArgumentException("a request target with white space in it");
      }
      if (c > 0x7f) {
        raw(target.substring(i).getBytes(StandardCharsets.UTF_8));
        return;
      }
      bytes[size++] = (byte) c;
    }
  }

  /**
   * Writes one field.
   *
   * @throws IllegalArgumentException if the name is no token or the value contains NUL, LF, VT, FF
   *     or CR
   */
  public void field(CharSequence name, CharSequence value) {
    token(name);
    raw(COLON);
    value(value);
    raw(CRLF);
  }

  private void token(CharSequence name) {
    int length = name.length();
    if (length == 0) {
      throw new IllegalArgumentException("an empty name");
    }
    makeRoom(length);
    if (name instanceof AsciiString ascii) {
      System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, size, length);
      for (int i = size; i < size + length; i++) {
        if (!HttpToken.has((char) bytes[i])) {
          throw new IllegalArgumentException("a character that no name can have");
        }
      }
    } else {
      for (int i = 0; i < length; i++) {
        char c = name.charAt(i);
        if (!HttpToken.has(c)) {
          throw new IllegalArgumentException("a character that no name can have");
        }
        bytes[size + i] = (byte) c;
      }
    }
    size += length;
  }

  private void value(CharSequence value) {
    int length = value.length();
    makeRoom(length);
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c == 0 || (c >= '\n' && c <= '\r')) {
        throw new IllegalArgumentException("a character that no value can have");
      }
      bytes[size + i] = c > 0xff ? (byte) '?' : (byte) c;
    }
    size += length;
  }

  /** Writes a field with a number as its value; the name is not checked. */
  void number(byte[] nameAndColon, long value) {
    raw(nameAndColon);
    value(Long.toString(value));
    raw(CRLF);
  }

  /** Writes bytes without a check. */
  public void raw(byte[] good) {
    raw(good, 0, good.length);
  }

  /** Writes a part of the bytes without a check. */
  public void raw(byte[] good, int from, int length) {
    makeRoom(length);
    System.arraycopy(good, from, bytes, size, length);
    size += length;
  }

  private void put(char c) {
    makeRoom(1);
    bytes[size++] = (byte) c;
  }

  private void makeRoom(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }

  /** The bytes written, without a copy; those from {@link #size} on are left over. */
  byte[] bytes() {
    return bytes;
  }

  /** The number of bytes written since {@link #begin}. */
  int size() {
    return size;
  }

  /** Copies the bytes that were written after the first {@code start}. */
  byte[] since(int start) {
    return Arrays.copyOfRange(bytes, start, size);
  }

  /** Ends the head or the trailers with an empty line and returns a copy. */
  public ByteBuf end(ByteBufAllocator allocator) {
    raw(CRLF);
    return allocator.ioBuffer(size).writeBytes(bytes, 0, size);
  }
}
