package dev.understudy.admin;

import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tracks the configuration in force and the problems of the last file. Follows events as they come,
 * so it does not depend on how far the event history reaches back.
 */
final class ConfigurationStatus implements AutoCloseable {
  /**
   * The response of {@code GET /api/config}.
   *
   * @param file the last file that was read, applied or not; null before the first
   * @param appliedAt when the configuration in force was applied; null if none was
   * @param rejectedAt when the last file was refused; null if the last file is in force
   * @param problems of the refused file; empty if the last file is in force
   * @param warnings of the configuration in force
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
    // Out of order if an event came between the two calls: see() orders by id.
    events.newest(null, EventLog.CAPACITY).forEach(this::see);
  }

  synchronized Document document() {
    return document;
  }

  private synchronized void see(EventLog.Entry entry) {
    boolean concerns =
        switch (entry.event()) {
          case ReplicaEvent.ConfigurationApplied applied -> applied.isOfFile();
          case ReplicaEvent.ConfigurationRejected rejected -> rejected.isOfFile();
          default -> false;
        };
    if (!concerns || entry.id() <= newest) {
      return;
    }
    newest = entry.id();
    document =
        switch (entry.event()) {
          case ReplicaEvent.ConfigurationApplied applied ->
              new Document(applied.file(), entry.at(), null, List.of(), applied.warnings());
          case ReplicaEvent.ConfigurationRejected rejected ->
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
