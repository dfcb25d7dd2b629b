package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Follows the chunked framing (RFC 9112 §7.1) that one of Netty's decoders has just read, and finds
 * what that lets pass and we would mend by writing our own: a chunk extension that is none, and a
 * trailer line that is no field. Bytes are looked at and not moved; of chunk data none is.
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

  /** How much of a chunk is to come, with the line's end behind it. */
  private long left;

  /** Characters of a name that has begun. */
  private int name;

  /** Another message begins. */
  public void begin() {
    line.begin();
    at = At.SIZE_LINE;
    name = 0;
  }

  /**
   * Looks at bytes that the decoder took.
   *
   * @param to exclusive
   * @return whether they are in order
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
    if (c == '\n') {
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
      // White space belongs into no name, and a line that begins with it is folded (§5.2).
      return c != ' ' && c != '\t';
    }
    return true;
  }
}
