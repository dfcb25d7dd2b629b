package dev.understudy.gatewayapi.cluster;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.kubernetes.RetryPause;

/** How long writes wait after failures: longer with each in turn. */
final class WriteBackoff {
  private int failures;
  private long until;

  /** Counts a failure. */
  void failed(RegisterException why) {
    until = System.nanoTime() + RetryPause.after(failures++, why).toNanos();
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
