package dev.understudy.notification;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.history.EventId;
import dev.understudy.history.StoredEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One notification, as it waits and is stored.
 *
 * @param id unique with its source
 * @param replica whose it is; null if all replicas agree on it
 * @param topic null for a test
 * @param ends the lasting state that it ends; null if it ends none
 * @param pool null if it is of the replica itself
 * @param message one sentence for people
 * @param document the event in JSON, as the API shows it
 */
record Notification(
    String id,
    @Nullable String replica,
    Instant at,
    @Nullable Topic topic,
    @Nullable Topic ends,
    @Nullable String pool,
    Level level,
    String message,
    String document) {
  /**
   * Of what just happened.
   *
   * @param agreed the agreed part of the event; null if it is of this replica alone
   */
  static Notification of(
      EventLog.Entry entry, @Nullable AgreedEvent agreed, NotificationSource origin) {
    Event event = entry.event();
    return new Notification(
        agreed == null ? new EventId(origin.history(), entry.id()).toString() : agreed.id(),
        agreed == null ? origin.replica() : null,
        entry.at(),
        Topic.of(event),
        Topic.endedBy(event),
        event.pool() == null ? null : event.pool().value(),
        event.level(),
        event.message(),
        StoredEvent.of(entry).json());
  }

  /** A test that somebody asked for. */
  static Notification test(
      String receiver, String operator, Instant now, NotificationSource origin) {
    String message = "A test of receiver %s, asked for by %s".formatted(receiver, operator);
    return new Notification(
        origin.history() + "-test-" + now.toEpochMilli(),
        origin.replica(),
        now,
        null,
        null,
        null,
        Level.INFO,
        message,
        JsonMapper.shared()
            .createObjectNode()
            .put("at", now.toString())
            .put("type", "test")
            .put("message", message)
            .toString());
  }

  /** The topic's name. */
  String word() {
    return topic == null ? "test" : topic.word();
  }

  /** The parsed document. */
  JsonNode json() {
    return JsonMapper.shared().readTree(document);
  }
}
