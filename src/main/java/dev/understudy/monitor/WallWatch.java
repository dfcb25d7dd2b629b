package dev.understudy.monitor;

import java.time.Duration;

/** Notices that the clock on the wall was set: what waits for a time of day is due otherwise. */
final class WallWatch {
  private final Scheduler scheduler;
  private final Runnable set;
  private Duration known;

  /**
   * @param set run after each step
   */
  WallWatch(Scheduler scheduler, Runnable set) {
    this.scheduler = scheduler;
    this.set = set;
    this.known = scheduler.ahead();
  }

  /** Looks at the clock; called on each beat of the {@link PauseDetector}. */
  void look() {
    Duration now = scheduler.ahead();
    if (!now.equals(known)) {
      known = now;
      set.run();
    }
  }
}
