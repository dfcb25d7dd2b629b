package dev.understudy.gatewayapi.cluster;

import dev.understudy.agreement.register.RegisterException;
import java.time.Duration;

/** How long writes wait after failures: longer with each in turn. */
final class WriteBackoff {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private int failures;
  private long until;

  /** Counts a failure; the pause is at least as long as the API asks for. */
  void failed(RegisterException why) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures++, 5));
    pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
    Duration asked = why.retryAfter();
    pause = asked != null && asked.compareTo(pause) > 0 ? asked : pause;
    until = System.nanoTime() + pause.toNanos();
  }

  void succeeded() {
    failures = 0;
  }

  /** Whether the last write failed. */
  boolean isFailing() {
    return failures > 0;
  }

  /** The time until the next write, in nanoseconds; 0 or less if it may begin. */
  long rest() {
    return failures == 0 ? 0 : until - System.nanoTime();
  }
}
