package dev.understudy.text;

/**
 * Makes untrusted text, such as what a client or a server sent, safe for one line.
 *
 * <table>
 * <caption>Forms</caption>
 * <tr><th>method<th>keeps<th>what else there is<th>for
 * <tr><td>{@link #ascii}<td>printable ASCII<td>escaped<td>log lines
 * <tr><td>{@link #quotedInto}<td>the same but quotes and backslashes<td>escaped<td>fields of log
 *     lines, JSON
 * <tr><td>{@link #quoted}<td>printable ASCII, letters and digits of any script<td>escaped<td>evidence
 * <tr><td>{@link #escaped}<td>all but controls<td>escaped<td>terminals and plain text in UTF-8
 * <tr><td>{@link #oneLine}<td>all but controls<td>a blank for each run<td>messages of others
 * </table>
 *
 * <p>An escape is a backslash, {@code u} and four hexadecimal digits. Controls are characters for
 * which {@link #isControl} holds.
 */
public final class Printable {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private Printable() {}

  /**
   * Whether a character would break a line, command a terminal or reorder its text: a control
   * character, a line or paragraph separator, half of a surrogate pair, or one of Unicode's
   * bidirectional controls.
   */
  public static boolean isControl(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> isBidirectionalControl(character);
    };
  }

  private static boolean isBidirectionalControl(int character) {
    return (character >= 0x202A && character <= 0x202E)
        || (character >= 0x2066 && character <= 0x2069)
        || character == 0x200E
        || character == 0x200F
        || character == 0x061C;
  }

  /** Escapes all but printable ASCII; quotes stay. */
  public static String ascii(String text) {
    int i = 0;
    while (i < text.length() && isAscii(text.charAt(i))) {
      i++;
    }
    if (i == text.length()) {
      return text;
    }
    StringBuilder to = new StringBuilder(text.length() + 16).append(text, 0, i);
    for (; i < text.length(); i++) {
      ascii(to, text.charAt(i));
    }
    return to.toString();
  }

  /**
   * Appends text that can stand between double quotes, in JSON (RFC 8259 §7) as well as in a plain
   * line: quotes and backslashes get a backslash, and all but printable ASCII is escaped.
   */
  public static void quotedInto(StringBuilder to, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else {
        ascii(to, c);
      }
    }
  }

  /**
   * Returns text in double quotes, with an ellipsis where it is cut.
   *
   * @param most limit in characters between the quotes, the ellipsis not counted
   */
  public static String quoted(CharSequence text, int most) {
    return '"' + escapedAndCut(text, most) + '"';
  }

  /** As {@link #quoted}, without the quotes around it. */
  public static String escapedAndCut(CharSequence text, int most) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      int before = out.length();
      inQuotes(out, text.charAt(i));
      if (out.length() > most) {
        out.setLength(before);
        return out.append('…').toString();
      }
    }
    return out.toString();
  }

  private static void inQuotes(StringBuilder out, char c) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\\', '"' -> out.append('\\').append(c);
      default -> {
        if (isAscii(c) || Character.isLetterOrDigit(c)) {
          out.append(c);
        } else {
          escape(out, c);
        }
      }
    }
  }

  /** Escapes controls. */
  public static String escaped(String text) {
    if (text.codePoints().noneMatch(Printable::isControl)) {
      return text;
    }
    StringBuilder to = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (isControl(c)) {
                escape(to, (char) c);
              } else {
                to.appendCodePoint(c);
              }
            });
    return to.toString();
  }

  /**
   * Returns the text with one blank in place of each run of controls and blanks; none at either
   * end.
   *
   * @param most limit in characters; the last is an ellipsis if text was cut
   */
  public static String oneLine(String text, int most) {
    StringBuilder line = new StringBuilder(Math.min(text.length(), most));
    boolean gap = false;
    for (int i = 0; i < text.length() && line.length() <= most; ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      boolean blank = c == ' ' || isControl(c);
      if (!blank) {
        if (gap && !line.isEmpty()) {
          line.append(' ');
        }
        line.appendCodePoint(c);
      }
      gap = blank;
    }
    return Words.cut(line.toString(), most);
  }

  private static void ascii(StringBuilder to, char c) {
    if (isAscii(c)) {
      to.append(c);
    } else {
      escape(to, c);
    }
  }

  private static boolean isAscii(char c) {
    return c >= ' ' && c < 0x7f;
  }

  private static void escape(StringBuilder to, char c) {
    to.append("\\u")
        .append(HEX[c >> 12 & 15])
        .append(HEX[c >> 8 & 15])
        .append(HEX[c >> 4 & 15])
        .append(HEX[c & 15]);
  }
}
