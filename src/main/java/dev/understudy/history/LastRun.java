package dev.understudy.history;

import dev.understudy.event.ReplicaEvent;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the last recorded run ended. Later runs that could write nothing to the journal are not
 * known.
 *
 * @param end null if there is no history of it
 * @param alive when it was alive for the last time; null if there is no history of it
 */
public record LastRun(ReplicaEvent.@Nullable RunEnd end, @Nullable Instant alive) {
  static final LastRun UNKNOWN = new LastRun(null, null);

  /**
   * Reads how the last run ended from the journal's events. No time in the result is later than
   * {@code now}.
   */
  static LastRun of(JournalContent content, Instant now) {
    List<StoredEvent> events = content.events();
    if (events.isEmpty()) {
      return UNKNOWN;
    }
    StoredEvent last = events.getLast();
    if (isOrderly(content)) {
      return new LastRun(ReplicaEvent.RunEnd.STOPPED, earlier(last.at(), now));
    }
    Instant touched = content.alive();
    Instant alive = touched == null || touched.isBefore(last.at()) ? last.at() : touched;
    return new LastRun(ReplicaEvent.RunEnd.CRASHED, earlier(alive, now));
  }

  /** Whether the journal ends with an orderly stop; damage before its last line says nothing. */
  private static boolean isOrderly(JournalContent content) {
    return content.endKnown()
        && !content.events().isEmpty()
        && content.events().getLast().type().equals("stopped");
  }

  private static Instant earlier(Instant at, Instant now) {
    return at.isBefore(now) ? at : now;
  }
}
