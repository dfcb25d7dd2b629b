package dev.understudy.proxy;

import io.netty.buffer.ByteBuf;

/**
 * Follows the chunked framing (RFC 9112 §7.1) that one of Netty's decoders has just read, and finds
 * what that lets pass and we would mend by writing our own: a chunk extension without a name, and a
 * trailer line that is no field. Bytes are looked at and not moved; of chunk data none is.
 */
public final class ChunkedFraming {
  private enum At {
    SIZE,
    EXTENSION,
    QUOTED,
    ESCAPED,
    DATA,
    TRAILER_NAME,
    TRAILER_VALUE
  }

  private At at = At.SIZE;

  /** Of the present chunk; then, with the line's end behind it, how much of it is to come. */
  private long left;

  /** Characters of a name that has begun. */
  private int name;

  /** Another message begins. */
  public void begin() {
    at = At.SIZE;
    left = 0;
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
          at = At.SIZE;
        }
      } else if (!isGood((char) (in.getByte(i++) & 0xff))) {
        return false;
      }
    }
    return true;
  }

  private boolean isGood(char c) {
    return switch (at) {
      case SIZE, EXTENSION -> sizeLine(c);
      case QUOTED -> {
        at = c == '\\' ? At.ESCAPED : c == '"' ? At.EXTENSION : At.QUOTED;
        yield true;
      }
      case ESCAPED -> {
        at = At.QUOTED;
        yield true;
      }
      case TRAILER_NAME, TRAILER_VALUE -> trailer(c);
      case DATA -> true;
    };
  }

  private boolean sizeLine(char c) {
    switch (c) {
      case '\n' -> {
        return endOfSizeLine();
      }
      case ';' -> {
        boolean good = at == At.SIZE || name > 0;
        at = At.EXTENSION;
        name = 0;
        return good;
      }
      case '"' -> at = At.QUOTED;
      case '\r', ' ', '\t' -> {}
      default -> {
        if (at == At.EXTENSION) {
          name++;
          return true;
        }
        int digit = Character.digit(c, 16);
        left = 16 * left + digit;
        return digit >= 0 && left <= Integer.MAX_VALUE;
      }
    }
    return true;
  }

  private boolean endOfSizeLine() {
    boolean good = at == At.SIZE || name > 0;
    at = left == 0 ? At.TRAILER_NAME : At.DATA;
    left += 2;
    name = 0;
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
