package dev.understudy.telemetry;

/** Makes text from outside safe for a log line: nobody can end a line or a field but we. */
final class Escapes {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private Escapes() {}

  /**
   * Appends text that can stand between double quotes, in JSON (RFC 8259 §7) as well as in a plain
   * line: quotes and backslashes get a backslash, all that is not printable ASCII becomes {@code
   * \}{@code uXXXX}.
   */
  static void quoted(StringBuilder to, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else {
        printable(to, c);
      }
    }
  }

  /** The same text without anything that could end or forge a line; quotes stay. */
  static String line(String text) {
    int i = 0;
    while (i < text.length() && isPrintable(text.charAt(i))) {
      i++;
    }
    if (i == text.length()) {
      return text;
    }
    StringBuilder to = new StringBuilder(text.length() + 16).append(text, 0, i);
    for (; i < text.length(); i++) {
      printable(to, text.charAt(i));
    }
    return to.toString();
  }

  /** At most that many characters, an ellipsis in place of what is cut. */
  static String cut(String text, int max) {
    return text.length() <= max ? text : text.substring(0, max - 3) + "...";
  }

  private static void printable(StringBuilder to, char c) {
    if (isPrintable(c)) {
      to.append(c);
    } else {
      to.append("\\u")
          .append(HEX[c >> 12 & 15])
          .append(HEX[c >> 8 & 15])
          .append(HEX[c >> 4 & 15])
          .append(HEX[c & 15]);
    }
  }

  private static boolean isPrintable(char c) {
    return c >= ' ' && c < 0x7f;
  }
}
