package dev.understudy.admin;

import dev.understudy.history.StoredEvent;
import dev.understudy.text.Printable;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
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
            Printable.escaped(event.document().path("message").asString("")))
        + "\n";
  }
}
