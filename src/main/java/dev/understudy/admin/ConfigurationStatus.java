package dev.understudy.admin;

import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which file runs, and what was wrong with the last one, learnt from events as they come, so that
 * it does not matter how many others have followed.
 */
final class ConfigurationStatus implements AutoCloseable {
  /**
   * The response of {@code GET /api/config}.
   *
   * @param file the last one that was read, applied or not; null before the first
   * @param appliedAt when the running configuration was applied; null: never
   * @param rejectedAt when the last file was refused; null: the last file is the one that runs
   * @param problems of that refused file; empty when the last file runs
   * @param warnings of the running configuration
   */
  record Document(
      @Nullable String file,
      @Nullable Instant appliedAt,
      @Nullable Instant rejectedAt,
      List<String> problems,
      List<String> warnings) {}

  private final Runnable unsubscribe;
  private long newest;
  private Document document = new Document(null, null, null, List.of(), List.of());

  ConfigurationStatus(EventLog events) {
    unsubscribe = events.subscribe(this::see);
    // Out of turn where an event came between the two calls: see() orders by id.
    events.newest(null, EventLog.CAPACITY).forEach(this::see);
  }

  synchronized Document document() {
    return document;
  }

  private synchronized void see(EventLog.Entry entry) {
    boolean concerns =
        entry.event() instanceof Event.ConfigurationApplied
            || entry.event() instanceof Event.ConfigurationRejected;
    if (!concerns || entry.id() <= newest) {
      return;
    }
    newest = entry.id();
    document =
        switch (entry.event()) {
          case Event.ConfigurationApplied applied ->
              new Document(applied.file(), entry.at(), null, List.of(), applied.warnings());
          case Event.ConfigurationRejected rejected ->
              new Document(
                  rejected.file(),
                  document.appliedAt(),
                  entry.at(),
                  rejected.problems(),
                  document.warnings());
          default -> document;
        };
  }

  @Override
  public void close() {
    unsubscribe.run();
  }
}
