package dev.understudy.history;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the journal held when it was read.
 *
 * @param events with growing ids
 * @param damaged number of damaged lines, which are left out
 * @param torn whether the last line was not written to its end, as after a crash
 * @param endKnown whether the last line is intact, so that no later event was in the journal
 * @param lineage the histories that the events' ids belong to
 * @param alive when the journal's writer was alive for the last time; null if unknown
 * @param problems why a file of the journal could not be read, one sentence each
 */
record JournalContent(
    List<StoredEvent> events,
    int damaged,
    boolean torn,
    boolean endKnown,
    Lineage lineage,
    @Nullable Instant alive,
    List<String> problems) {
  static final JournalContent NONE =
      new JournalContent(List.of(), 0, false, false, Lineage.NONE, null, List.of());

  JournalContent {
    events = List.copyOf(events);
    problems = List.copyOf(problems);
  }

  /** The id of the last event; 0 if there is none. */
  long lastId() {
    return events.isEmpty() ? 0 : events.getLast().id();
  }
}
