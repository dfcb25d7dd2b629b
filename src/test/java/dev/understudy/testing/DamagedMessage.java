package dev.understudy.testing;

import java.util.Random;

/** Damages HTTP/1 messages where parsers differ: at separators, line ends and lengths. */
public final class DamagedMessage {
  private static final String MARKS = "\r\n :\t\0;,=xA0/\u007f\u0080\u00ff";

  private DamagedMessage() {}

  /** Changes one place. */
  public static void change(StringBuilder raw, Random random) {
    int at = random.nextInt(raw.length());
    char mark = MARKS.charAt(random.nextInt(MARKS.length()));
    switch (random.nextInt(4)) {
      case 0 -> raw.insert(at, mark);
      case 1 -> raw.deleteCharAt(at);
      case 2 -> raw.setCharAt(at, mark);
      default -> {
        int lineEnd = raw.indexOf("\r\n", at);
        if (lineEnd >= 0) {
          raw.insert(lineEnd, "\r\nContent-Length: " + random.nextInt(4));
        }
      }
    }
  }
}
