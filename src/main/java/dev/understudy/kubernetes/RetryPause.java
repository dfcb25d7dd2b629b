package dev.understudy.kubernetes;

import dev.understudy.agreement.register.RegisterException;
import java.time.Duration;

/** The pause after a failure. It doubles with each failure in turn, up to 30 s. */
public final class RetryPause {
  /** After a first failure. */
  public static final Duration FIRST = Duration.ofSeconds(1);

  static final Duration LONGEST = Duration.ofSeconds(30);

  private RetryPause() {}

  /**
   * The pause after a failure, at least as long as the API asks for.
   *
   * @param before failures in turn before this one
   */
  public static Duration after(int before, RegisterException failure) {
    Duration asked = failure.retryAfter();
    Duration pause = after(before, FIRST);
    return asked != null && asked.compareTo(pause) > 0 ? asked : pause;
  }

  /** The pause if the failure asks for none. */
  static Duration after(int before, Duration first) {
    Duration pause = first.multipliedBy(1L << Math.min(before, 5));
    return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
  }
}
