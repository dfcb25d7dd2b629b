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
 * @param history the name of the history of the last event; null if there is none
 * @param alive when the journal's writer was alive for the last time; null if unknown
 * @param problems why a file of the journal could not be read, one sentence each
 */
record JournalContent(
    List<StoredEvent> events,
    int damaged,
    boolean torn,
    @Nullable String history,
    @Nullable Instant alive,
    List<String> problems) {
  JournalContent {
    events = List.copyOf(events);
    problems = List.copyOf(problems);
  }
}
