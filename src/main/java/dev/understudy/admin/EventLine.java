package dev.understudy.admin;

import dev.understudy.history.StoredEvent;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;

/**
 * An event as a line of text: time in UTC, pool ({@code -} for the replica itself), type as in
 * JSON, and sentence, with two blanks between.
 */
final class EventLine {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private EventLine() {}

  static String of(StoredEvent event) {
    return String.join(
            "  ",
            TIME.format(event.at()),
            event.pool() == null ? "-" : event.pool().value(),
            event.type(),
            clean(event.document().path("message").asString("")))
        + "\n";
  }

  /** Without control characters: evidence may quote a server's bytes, and a terminal obeys some. */
  private static String clean(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        line.append("\\u").append(HexFormat.of().toHexDigits(c));
      } else {
        line.append(c);
      }
    }
    return line.toString();
  }
}
