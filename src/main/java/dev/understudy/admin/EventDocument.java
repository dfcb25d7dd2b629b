package dev.understudy.admin;

import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of an event: {@code id}, {@code at}, {@code type}, {@code pool} and {@code message}
 * always, and the fields of its type.
 */
final class EventDocument {
  private EventDocument() {}

  /** The {@code type}, and the name of the event in the stream. */
  static String type(Event event) {
    return switch (event) {
      case Event.Switched e -> "switched";
      case Event.FailbackAwaited e -> "failback-awaited";
      case Event.Pinned e -> "pinned";
      case Event.Kept e -> "kept";
      case Event.ServesDown e -> "serves-down";
      case Event.NobodyServes e -> "nobody-serves";
      case Event.HealthChanged e -> "health-changed";
      case Event.CircuitChanged e -> "circuit-changed";
      case Event.OperatorStateChanged e -> "operator-state-changed";
      case Event.ConfigurationApplied e -> "configuration-applied";
      case Event.ConfigurationRejected e -> "configuration-rejected";
    };
  }

  static Map<String, @Nullable Object> of(EventLog.Entry entry) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("id", entry.id());
    document.put("at", entry.at());
    document.put("type", type(entry.event()));
    document.put("pool", Json.text(entry.event().pool()));
    addDetails(document, entry.event());
    document.put("message", entry.event().message());
    return document;
  }

  private static void addDetails(Map<String, @Nullable Object> document, Event event) {
    switch (event) {
      case Event.Switched e -> {
        document.put("from", Json.text(e.from()));
        document.put("to", Json.text(e.to()));
        document.put("reason", Json.name(e.reason()));
        document.put("epoch", e.epoch());
        document.put("evidence", e.evidence());
        document.put("decidedBy", e.decidedBy());
        document.put("tookMillis", Json.millis(e.took()));
      }
      case Event.FailbackAwaited e -> {
        document.put("serving", e.serving().value());
        document.put("better", e.better().value());
        document.put("due", e.due());
        document.put("heldBy", e.heldBy());
      }
      case Event.Pinned e -> document.put("server", Json.text(e.server()));
      case Event.Kept e -> {
        document.put("serving", e.serving().value());
        document.put("epoch", e.epoch());
        document.put("evidence", e.evidence());
      }
      case Event.ServesDown e -> {
        document.put("server", e.server().value());
        document.put("evidence", e.evidence());
      }
      case Event.NobodyServes e -> document.put("evidence", e.evidence());
      case Event.HealthChanged e -> {
        document.put("server", e.server().value());
        document.put("from", Json.name(e.from()));
        document.put("to", Json.name(e.to()));
        document.put("evidence", e.evidence());
      }
      case Event.CircuitChanged e -> {
        document.put("server", e.server().value());
        document.put("open", e.open());
      }
      case Event.OperatorStateChanged e -> {
        document.put("server", e.server().value());
        document.put("from", Json.word(e.from()));
        document.put("to", Json.word(e.to()));
      }
      case Event.ConfigurationApplied e -> {
        document.put("file", e.file());
        document.put("warnings", e.warnings());
      }
      case Event.ConfigurationRejected e -> {
        document.put("file", e.file());
        document.put("problems", e.problems());
      }
    }
  }
}
