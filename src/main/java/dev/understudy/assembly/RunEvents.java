package dev.understudy.assembly;

import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.handover.Predecessor;
import dev.understudy.history.LastRun;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds the first and the last event of a run: the first before the dynamic file is read, the last
 * after the monitor was closed.
 */
final class RunEvents implements AutoCloseable {
  private final EventLog events;
  private final @Nullable String version;
  private final Path file;
  private final LastRun lastRun;
  private final @Nullable Predecessor predecessor;
  private volatile boolean started;

  /**
   * @param version null if it is not known
   * @param file the dynamic file
   * @param lastRun how the last run ended; ignored if there is a predecessor, as its run goes on
   */
  RunEvents(
      EventLog events,
      @Nullable String version,
      Path file,
      LastRun lastRun,
      @Nullable Predecessor predecessor) {
    this.events = events;
    this.version = version;
    this.file = file;
    this.lastRun = lastRun;
    this.predecessor = predecessor;
  }

  /** Adds the first event. */
  void start() {
    started = true;
    ReplicaEvent.RunEnd end = predecessor == null ? lastRun.end() : null;
    Instant alive = predecessor == null ? lastRun.alive() : null;
    events.add(
        new ReplicaEvent.Started(
            version,
            file.toString(),
            end,
            alive,
            "Understudy "
                + (version == null ? "" : version + " ")
                + "started with "
                + file
                + (predecessor == null
                    ? before(end, alive)
                    : ", to take over from process " + predecessor.pid())));
  }

  /** Adds that what was remembered could not be read. */
  void lost(StandaloneAgreement.Lost state) {
    List<String> pools = state.pools().stream().sorted().toList();
    String whose =
        pools.isEmpty()
            ? "all pools"
            : (pools.size() == 1 ? "pool " : "pools ") + String.join(", ", pools);
    String kept = state.kept() == null ? null : state.kept().toString();
    events.add(
        new ReplicaEvent.StateLost(
            state.file().toString(),
            pools,
            kept,
            "What %s remembered of %s is lost, operators' states too, and epochs go on at the time in milliseconds: %s%s"
                .formatted(
                    state.file(),
                    whose,
                    state.why(),
                    kept == null ? "" : "; the file as it was is " + kept)));
  }

  private static String before(ReplicaEvent.@Nullable RunEnd end, @Nullable Instant alive) {
    if (end == null || alive == null) {
      return "";
    }
    Instant seconds = alive.truncatedTo(ChronoUnit.SECONDS);
    return switch (end) {
      case STOPPED -> "; the last recorded run stopped at " + seconds;
      case CRASHED -> "; the last recorded run ended unexpectedly, after " + seconds;
    };
  }

  @Override
  public void close() {
    if (started) {
      events.add(new ReplicaEvent.Stopped("Understudy stopped"));
    }
  }
}
