package dev.understudy.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** Source of the current snapshot. */
public interface SnapshotSource {
  /** The newest snapshot: one volatile read. */
  Snapshot current();

  /** The monitor's clock, which never steps: that of all times in snapshots. */
  Instant now();

  /** By how much the clock on the wall is ahead of {@link #now}; negative if it is behind. */
  default Duration ahead() {
    return Duration.ZERO;
  }

  /** What the clock on the wall shows, for people. */
  default Instant wall() {
    return now().plus(ahead());
  }

  /**
   * Calls {@code listener} after each publication, on the monitor's thread, in order; it must
   * return at once.
   *
   * @return ends the subscription when run
   */
  Runnable subscribe(Consumer<Snapshot> listener);
}
