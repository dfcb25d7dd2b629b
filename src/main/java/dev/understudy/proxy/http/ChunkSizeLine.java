package dev.understudy.proxy.http;

/**
 * Parses the line before a chunk's data (RFC 9112 §7.1), one character at a time:
 *
 * <pre>
 * 1*HEXDIG *( BWS ";" BWS name [ BWS "=" BWS value ] ) CRLF
 * name  = token
 * value = token / quoted-string
 * </pre>
 */
final class ChunkSizeLine {
  private enum At {
    BEGIN,
    SIZE,
    SIZE_SPACE,
    BEFORE_NAME,
    NAME,
    NAME_SPACE,
    BEFORE_VALUE,
    VALUE,
    QUOTED,
    ESCAPED,
    QUOTED_END,
    VALUE_SPACE,
    LINE_END,
    OVER,
    BAD
  }

  private At at = At.BEGIN;
  private long size;

  /** Begins another line. */
  void begin() {
    at = At.BEGIN;
    size = 0;
  }

  /** Whether no character has been taken. */
  boolean isEmpty() {
    return at == At.BEGIN;
  }

  /** Whether the line has ended. */
  boolean isOver() {
    return at == At.OVER;
  }

  /** The length of the chunk's data, in bytes. */
  long size() {
    return size;
  }

  /** Takes the next character. Returns false if it is not allowed there. */
  boolean take(char c) {
    at = next(c);
    return at != At.BAD;
  }

  private At next(char c) {
    return switch (at) {
      case BEGIN -> digit(c);
      case SIZE -> isEnd(c) ? end(c, At.SIZE_SPACE) : digit(c);
      case SIZE_SPACE, VALUE_SPACE -> space(c);
      case BEFORE_NAME -> isSpace(c) ? at : token(c, At.NAME);
      case NAME ->
          c == '=' ? At.BEFORE_VALUE : isEnd(c) ? end(c, At.NAME_SPACE) : token(c, At.NAME);
      case NAME_SPACE -> c == '=' ? At.BEFORE_VALUE : space(c);
      case BEFORE_VALUE -> isSpace(c) ? at : c == '"' ? At.QUOTED : token(c, At.VALUE);
      case VALUE -> isEnd(c) ? end(c, At.VALUE_SPACE) : token(c, At.VALUE);
      case QUOTED -> c == '"' ? At.QUOTED_END : c == '\\' ? At.ESCAPED : quoted(c);
      case ESCAPED -> quoted(c);
      case QUOTED_END -> isEnd(c) ? end(c, At.VALUE_SPACE) : At.BAD;
      case LINE_END -> c == '\n' ? At.OVER : At.BAD;
      case OVER, BAD -> At.BAD;
    };
  }

  private At digit(char c) {
    int digit = Character.digit(c, 16);
    size = 16 * size + digit;
    return digit >= 0 && size <= Integer.MAX_VALUE ? At.SIZE : At.BAD;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }

  /** Whether the character ends a size, a name or a value. */
  private static boolean isEnd(char c) {
    return c == ';' || c == '\r' || isSpace(c);
  }

  private static At end(char c, At space) {
    return c == ';' ? At.BEFORE_NAME : c == '\r' ? At.LINE_END : space;
  }

  /** Handles white space, which is allowed before a separator only, not at the line's end. */
  private At space(char c) {
    return c == ';' ? At.BEFORE_NAME : isSpace(c) ? at : At.BAD;
  }

  private static At token(char c, At part) {
    return HttpToken.has(c) ? part : At.BAD;
  }

  private static At quoted(char c) {
    return StatusLine.isText(c) ? At.QUOTED : At.BAD;
  }
}
