package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Checks the form of a status line (RFC 9112 §4): {@code HTTP/1.} and a digit, one space, a status
 * code of three digits, and optionally one space and a reason phrase, which may be empty.
 */
final class StatusLine {
  private static final String VERSION = "HTTP/1.";
  private static final int MINOR = VERSION.length();
  private static final int CODE = MINOR + 2;
  private static final int REASON = CODE + 4;

  private StatusLine() {}

  /**
   * Whether the bytes form a status line.
   *
   * @param to exclusive, without the line's CRLF
   */
  static boolean isGood(ByteBuf in, int from, int to) {
    int codeEnd = from + CODE + 3;
    return to >= codeEnd
        && hasVersion(in, from)
        && in.getByte(from + CODE - 1) == ' '
        && hasCode(in, from + CODE)
        && (to == codeEnd || (in.getByte(codeEnd) == ' ' && isText(in, from + REASON, to)));
  }

  private static boolean hasVersion(ByteBuf in, int from) {
    for (int i = 0; i < MINOR; i++) {
      if (in.getByte(from + i) != VERSION.charAt(i)) {
        return false;
      }
    }
    return isDigit(in.getByte(from + MINOR));
  }

  private static boolean hasCode(ByteBuf in, int at) {
    return in.getByte(at) != '0'
        && isDigit(in.getByte(at))
        && isDigit(in.getByte(at + 1))
        && isDigit(in.getByte(at + 2));
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static boolean isText(ByteBuf in, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!isText((char) (in.getByte(i) & 0xff))) {
        return false;
      }
    }
    return true;
  }

  /** Whether the character is white space, visible, or {@code obs-text} (RFC 9110 §5.5). */
  static boolean isText(char c) {
    return c == '\t' || (c >= ' ' && c != 0x7f);
  }
}
