package dev.understudy.telemetry;

/** Makes untrusted text safe for a log line, so that it cannot end a line or a field. */
final class Escapes {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private Escapes() {}

  /**
   * Appends text that can stand between double quotes, in JSON (RFC 8259 §7) as well as in a plain
   * line: quotes and backslashes get a backslash, and each character outside printable ASCII
   * becomes {@code \}{@code uXXXX}.
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

  /**
   * Returns the text with each character outside printable ASCII escaped, so that it cannot end or
   * forge a line; quotes stay.
   */
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

  /**
   * Shortens text to at most {@code max} characters, of which the last three are dots if any were
   * cut.
   */
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
