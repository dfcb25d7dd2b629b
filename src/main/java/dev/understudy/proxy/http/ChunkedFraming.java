package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Checks the chunked framing (RFC 9112 §7.1) of bytes that a Netty decoder has just read, and finds
 * the faults that Netty accepts and that writing new framing would hide: a malformed chunk
 * extension, and a trailer line that is no field. Reads the bytes without consuming them, and skips
 * chunk data.
 */
public final class ChunkedFraming {
  private enum At {
    SIZE_LINE,
    DATA,
    TRAILER_NAME,
    TRAILER_VALUE
  }

  private final ChunkSizeLine line = new ChunkSizeLine();
  private At at = At.SIZE_LINE;

  /** The bytes of the chunk still to come, with the CRLF behind its data. */
  private long left;

  /** The number of characters of the present trailer name. */
  private int name;

  /** Of the present message, as far as they have come. */
  private int trailers;

  private int trailerBytes;

  /** Begins another message. */
  public void begin() {
    line.begin();
    at = At.SIZE_LINE;
    name = 0;
    trailers = 0;
    trailerBytes = 0;
  }

  /** The lines of trailers that have come of the present message. */
  public int trailers() {
    return trailers;
  }

  /** The bytes of its trailers that have come. */
  public int trailerBytes() {
    return trailerBytes;
  }

  /** Whether the next byte begins the line before a chunk. */
  public boolean isAtSizeLine() {
    return at == At.SIZE_LINE && line.isEmpty();
  }

  /** Whether the last chunk is over, and what comes next is a trailer or the end. */
  public boolean isInTrailers() {
    return at == At.TRAILER_NAME || at == At.TRAILER_VALUE;
  }

  /**
   * Checks bytes that the decoder has read.
   *
   * @param to exclusive
   * @return whether the framing is well-formed so far
   */
  public boolean follow(ByteBuf in, int from, int to) {
    int i = from;
    while (i < to) {
      if (at == At.DATA) {
        int skipped = (int) Math.min(left, to - i);
        i += skipped;
        left -= skipped;
        if (left == 0) {
          at = At.SIZE_LINE;
        }
      } else if (!isGood((char) (in.getByte(i++) & 0xff))) {
        return false;
      }
    }
    return true;
  }

  private boolean isGood(char c) {
    return at == At.SIZE_LINE ? sizeLine(c) : trailer(c);
  }

  private boolean sizeLine(char c) {
    boolean good = line.take(c);
    if (line.isOver()) {
      at = line.size() == 0 ? At.TRAILER_NAME : At.DATA;
      left = line.size() + 2;
      line.begin();
    }
    return good;
  }

  private boolean trailer(char c) {
    trailerBytes++;
    if (c == '\n') {
      trailers++;
      boolean good = at == At.TRAILER_VALUE || name == 0;
      at = At.TRAILER_NAME;
      name = 0;
      return good;
    }
    if (at == At.TRAILER_NAME) {
      if (c == ':') {
        at = At.TRAILER_VALUE;
        return name > 0;
      }
      if (c != '\r') {
        name++;
      }
      // A name contains no white space, and a line that begins with it is folded (§5.2).
      return c != ' ' && c != '\t';
    }
    return true;
  }
}
