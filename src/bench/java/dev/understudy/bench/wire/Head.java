package dev.understudy.bench.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * The head of an HTTP/1.1 message, read in one pass over its lines; trusts what our own proxies and
 * programs send. Reused for message after message.
 */
public final class Head {
  private static final int MAX_BYTES = 32 * 1024;
  private static final String LENGTH = "content-length:";
  private static final String ENCODING = "transfer-encoding:";
  private static final String CONNECTION_CLOSE = "connection: close";
  private static final String UPGRADE = "upgrade: websocket";
  private static final String KEY = "sec-websocket-key:";

  /** Where the status stands in {@code HTTP/1.1 200 OK}. */
  private static final int STATUS = 9;

  private int start;
  private int firstLineEnd;
  private long contentLength;
  private boolean chunked;
  private boolean close;
  private boolean upgrade;
  private String webSocketKey = "";

  /**
   * Reads a head and moves the reader index behind it.
   *
   * @return false if it is not whole yet; nothing is read then
   * @throws IllegalStateException if it is too long
   */
  public boolean read(ByteBuf in) {
    start = in.readerIndex();
    firstLineEnd = -1;
    contentLength = -1;
    chunked = false;
    close = false;
    upgrade = false;
    int line = start;
    int end = in.writerIndex();
    while (true) {
      int feed = in.indexOf(line, end, (byte) '\n');
      if (feed < 0) {
        if (end - start > MAX_BYTES) {
          throw new IllegalStateException("a head of more than " + MAX_BYTES + " bytes");
        }
        return false;
      }
      if (firstLineEnd < 0) {
        firstLineEnd = feed - 1;
      } else if (feed - line <= 1) {
        in.readerIndex(feed + 1);
        return true;
      } else {
        field(in, line, feed - 1);
      }
      line = feed + 1;
    }
  }

  private void field(ByteBuf in, int from, int to) {
    switch (in.getByte(from) | 0x20) {
      case 'c' -> {
        if (begins(in, from, to, LENGTH)) {
          contentLength = number(in, from + LENGTH.length(), to);
        } else if (begins(in, from, to, CONNECTION_CLOSE)) {
          close = true;
        }
      }
      case 't' -> chunked |= begins(in, from, to, ENCODING);
      case 'u' -> upgrade |= begins(in, from, to, UPGRADE);
      case 's' -> {
        if (begins(in, from, to, KEY)) {
          int value = from + KEY.length();
          webSocketKey = in.toString(value, to - value, StandardCharsets.US_ASCII).trim();
        }
      }
      default -> {}
    }
  }

  /** Whether the line begins with this, in any letter case. */
  private static boolean begins(ByteBuf in, int from, int to, String lower) {
    if (to - from < lower.length()) {
      return false;
    }
    for (int i = 0; i < lower.length(); i++) {
      int c = in.getByte(from + i);
      if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static long number(ByteBuf in, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      int c = in.getByte(i);
      if (c >= '0' && c <= '9') {
        number = number * 10 + c - '0';
      }
    }
    return number;
  }

  /** -1: none. */
  public long contentLength() {
    return contentLength;
  }

  public boolean chunked() {
    return chunked;
  }

  /** The status of a response. */
  public int status(ByteBuf in) {
    return (int) number(in, start + STATUS, start + STATUS + 3);
  }

  /** Whether the request line begins with this: a method and a path, say. */
  public boolean begins(ByteBuf in, byte[] text) {
    if (firstLineEnd - start < text.length) {
      return false;
    }
    for (int i = 0; i < text.length; i++) {
      if (in.getByte(start + i) != text[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether the connection ends with the response to this request: it is HTTP/1.0, or says so. */
  public boolean closes(ByteBuf in) {
    return close || in.getByte(firstLineEnd - 1) == '0';
  }

  /** Whether a field says that the connection ends with this message. */
  public boolean saysClose() {
    return close;
  }

  /** Whether it asks for, or agrees to, a WebSocket. */
  public boolean upgrade() {
    return upgrade;
  }

  /** The last one seen. */
  public String webSocketKey() {
    return webSocketKey;
  }
}
