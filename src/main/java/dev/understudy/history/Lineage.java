package dev.understudy.history;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The histories that one journal holds, oldest first, each with the last of its numbers there. The
 * newest {@value #MOST} are kept.
 *
 * <p>Each run begins another history, which goes on numbering where the journal ends. A reader of
 * an earlier one so finds its place: after the last event that it has seen, or after the last one
 * of that history in the journal if what it has seen was never written, as before a crash.
 */
record Lineage(Map<String, Long> lastNumbers) {
  static final int MOST = 1_000;
  static final Lineage NONE = new Lineage(Map.of());

  Lineage {
    List<Map.Entry<String, Long>> entries = new ArrayList<>(lastNumbers.entrySet());
    Map<String, Long> newest = new LinkedHashMap<>();
    for (Map.Entry<String, Long> entry :
        entries.subList(Math.max(0, entries.size() - MOST), entries.size())) {
      newest.put(entry.getKey(), entry.getValue());
    }
    lastNumbers = newest;
  }

  /** The name of the history that gave out a number; null if the journal has none so great. */
  @Nullable String historyOf(long number) {
    for (Map.Entry<String, Long> history : lastNumbers.entrySet()) {
      if (number <= history.getValue()) {
        return history.getKey();
      }
    }
    return null;
  }

  /**
   * The number after which a reader that has seen {@code id} goes on; empty if it is a stranger.
   */
  OptionalLong position(EventId id) {
    Long last = lastNumbers.get(id.history());
    return last == null ? OptionalLong.empty() : OptionalLong.of(Math.min(last, id.number()));
  }
}
