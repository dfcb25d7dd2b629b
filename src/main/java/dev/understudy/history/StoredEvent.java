package dev.understudy.history;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.FairEventBuffer;
import dev.understudy.pool.PoolId;
import dev.understudy.text.Words;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * An event as its document.
 *
 * @param id grows with each event, also over restarts
 * @param type such as {@code health-changed}
 * @param pool null for the replica itself
 * @param json the document on one line: {@code id}, {@code at}, {@code type}, {@code pool}, {@code
 *     kind}, the fields of the type, {@code message}
 */
public record StoredEvent(
    long id, Instant at, String type, @Nullable PoolId pool, Event.Kind kind, String json)
    implements FairEventBuffer.Item {
  /** The document of an event that has just happened. */
  public static StoredEvent of(EventLog.Entry entry) {
    return new StoredEvent(
        entry.id(),
        entry.at(),
        EventDocument.type(entry.event()),
        entry.pool(),
        entry.kind(),
        EventDocument.of(entry));
  }

  /** The parsed document; one that no version of Understudy wrote has the known fields only. */
  public JsonNode document() {
    try {
      return EventDocument.JSON.readTree(json);
    } catch (JacksonException e) {
      return EventDocument.JSON
          .createObjectNode()
          .put("id", id)
          .put("at", at.toString())
          .put("type", type)
          .put("pool", pool == null ? null : pool.value())
          .put("kind", Words.lower(kind))
          .put("message", "This event cannot be read.");
    }
  }
}
