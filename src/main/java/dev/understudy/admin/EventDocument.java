package dev.understudy.admin;

import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.EventParts;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import java.time.Duration;
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
      case Event.LogLevelChanged e -> "log-level-changed";
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
    EventParts.of(entry.event()).forEach((name, part) -> document.put(name, json(part)));
    document.put("message", entry.event().message());
    return document;
  }

  private static @Nullable Object json(@Nullable Object part) {
    return switch (part) {
      case ServerId server -> server.value();
      case OperatorState state -> Json.word(state);
      case Enum<?> constant -> constant.name();
      case Duration duration -> Json.millis(duration);
      case null -> null;
      default -> part;
    };
  }
}
