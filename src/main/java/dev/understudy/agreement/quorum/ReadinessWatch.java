package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.recurring.Timers;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this replica sees enough to take traffic, by the {@link ReadinessRule}, after {@link
 * #DELAY}.
 */
final class ReadinessWatch {
  /** How long another replica must have seen more before this one leaves its traffic to it. */
  static final Duration DELAY = Duration.ofSeconds(7);

  private static final Logger log = LoggerFactory.getLogger(ReadinessWatch.class);

  private final DecisionThread loop;
  private final Runnable changed;
  private Timers.Timer timer = () -> {};
  private boolean waiting;
  private boolean enough = true;

  /**
   * Creates a watch for which this replica sees enough.
   *
   * @param changed run when {@link #isEnough} changes
   */
  ReadinessWatch(DecisionThread loop, Runnable changed) {
    this.loop = loop;
    this.changed = changed;
  }

  boolean isEnough() {
    return enough;
  }

  /** Takes whether this replica sees enough at this moment. */
  void seesEnough(boolean now) {
    if (now) {
      timer.cancel();
      waiting = false;
      set(true);
    } else if (!waiting) {
      waiting = true;
      timer = loop.schedule(DELAY, () -> set(false));
    }
  }

  private void set(boolean value) {
    if (value != enough) {
      enough = value;
      log.info(
          value
              ? "Ready for traffic: no other replica can serve more pools than this one"
              : "Not ready for traffic: another replica can serve more pools than this one");
      changed.run();
    }
  }
}
