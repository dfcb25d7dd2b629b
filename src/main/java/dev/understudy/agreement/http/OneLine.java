package dev.understudy.agreement.http;

/** Makes foreign text fit for a message of one line. */
public final class OneLine {
  private OneLine() {}

  /**
   * The text with one blank in place of each run of control characters, line ends and blanks.
   *
   * @param most limit in characters; the last is an ellipsis if text was cut
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
