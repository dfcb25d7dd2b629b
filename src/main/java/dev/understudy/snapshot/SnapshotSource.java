package dev.understudy.snapshot;

import java.time.Instant;
import java.util.function.Consumer;

/** Source of the current snapshot. */
public interface SnapshotSource {
  /** The newest snapshot: one volatile read. */
  Snapshot current();

  /** The monitor's clock: wall-clock time that never steps back within this process. */
  Instant now();

  /**
   * Calls {@code listener} after each publication, on the monitor's thread, in order; it must
   * return at once.
   *
   * @return ends the subscription when run
   */
  Runnable subscribe(Consumer<Snapshot> listener);
}
