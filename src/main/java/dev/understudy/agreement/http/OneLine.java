package dev.understudy.agreement.http;

/** Text of others, fit for a message of one line. */
public final class OneLine {
  private OneLine() {}

  /**
   * The text with one blank in place of control characters, ends of lines and blanks in a row.
   *
   * @param most characters, of which the last is an ellipsis if there were more
   */
  public static String of(String text, int most) {
    StringBuilder line = new StringBuilder(Math.min(text.length(), most));
    boolean gap = false;
    for (int i = 0; i < text.length() && line.length() <= most; i++) {
      char c = text.charAt(i);
      boolean blank = Character.isISOControl(c) || c == ' ' || c == '\u2028' || c == '\u2029';
      if (!blank) {
        if (gap && !line.isEmpty()) {
          line.append(' ');
        }
        line.append(c);
      }
      gap = blank;
    }
    return line.length() <= most ? line.toString() : line.substring(0, most - 1) + "…";
  }
}
