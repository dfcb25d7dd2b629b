package dev.understudy.history;

import dev.understudy.monitor.EventLog;
import dev.understudy.pool.PoolId;
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
 * @param json the document on one line: {@code id}, {@code at}, {@code type}, {@code pool}, the
 *     fields of the type, {@code message}
 */
public record StoredEvent(long id, Instant at, String type, @Nullable PoolId pool, String json) {
  /** The document of an event that has just happened. */
  public static StoredEvent of(EventLog.Entry entry) {
    return new StoredEvent(
        entry.id(),
        entry.at(),
        EventDocument.type(entry.event()),
        entry.event().pool(),
        EventDocument.of(entry));
  }

  /** The parsed document; one that no version of ours wrote has the known fields only. */
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
          .put("message", "This event cannot be read.");
    }
  }
}
