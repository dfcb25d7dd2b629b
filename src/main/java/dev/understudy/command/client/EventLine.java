package dev.understudy.command.client;

import dev.understudy.status.AgeText;
import dev.understudy.status.JsonValue;
import dev.understudy.text.UtcTime;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An event as one line: time, pool, type, message. */
final class EventLine {
  private EventLine() {}

  static String of(JsonValue event) {
    String message = event.at("message").text("");
    return time(event)
        + "  "
        + event.at("pool").text("-")
        + "  "
        + event.at("type").text("?")
        + "  "
        + message
        + operator(event, message);
  }

  /** The time of an event or of a message, {@code at}, with milliseconds. */
  static String time(JsonValue event) {
    String at = event.at("at").text("?");
    Instant time = AgeText.instant(at);
    return time == null ? at : UtcTime.millis(time);
  }

  /** Who caused the event and why, unless the message says so. */
  private static String operator(JsonValue event, String message) {
    String name = event.at("operator").text();
    String reason = event.at("operatorReason").text();
    boolean told = said(message, name) && said(message, reason);
    if (told) {
      return "";
    }
    return " (by "
        + (name == null ? "an operator" : name)
        + (reason == null ? "" : ": " + reason)
        + ")";
  }

  private static boolean said(String message, @Nullable String part) {
    return part == null || message.contains(part);
  }
}
