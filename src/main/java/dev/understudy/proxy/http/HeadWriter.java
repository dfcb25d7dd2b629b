package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the heads of requests: in one array that is used again and again, out of which each leaves
 * as one buffer. Nothing gets in that could end a line, a name or the head (RFC 9110 §5.5, RFC 9112
 * §3): what an operator's filter put there is no more trusted than what a client sent.
 */
public final class HeadWriter {
  private static final int FIRST_SIZE = 2 * 1024;

  /** An array that had to become larger than this is not kept. */
  private static final int MAX_KEPT = 64 * 1024;

  private static final byte[] COLON = {':', ' '};
  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte[] VERSION = ascii(" HTTP/1.1\r\n");

  private byte[] bytes = new byte[FIRST_SIZE];
  private int size;

  /** Bytes that never change, for {@link #raw}. */
  public static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Begins a request's head; what was left of another one is forgotten.
   *
   * @throws IllegalArgumentException if the target can't be in a request line
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
   * @throws IllegalArgumentException if it can't be one
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

  /** Writes a number's field, with a name that is known to be good. */
  void number(byte[] nameAndColon, long value) {
    raw(nameAndColon);
    value(Long.toString(value));
    raw(CRLF);
  }

  /** Writes what is known to be good. */
  public void raw(byte[] good) {
    raw(good, 0, good.length);
  }

  /** Writes a part of what is known to be good. */
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

  /** How much has been written. */
  int size() {
    return size;
  }

  /** What has been written since it was that long. */
  byte[] since(int start) {
    return Arrays.copyOfRange(bytes, start, size);
  }

  /** Ends the head, or the trailers, and gives it away. */
  public ByteBuf end(ByteBufAllocator allocator) {
    raw(CRLF);
    return allocator.ioBuffer(size).writeBytes(bytes, 0, size);
  }
}
