package dev.understudy.pool;

import java.time.Duration;

/**
 * When the role goes back to a better server that returned.
 *
 * @param after for {@link Policy#DELAYED}: time for which that server must have been UP without a
 *     break; default 30 s
 */
public record FailbackSettings(Policy policy, Duration after) {
  /** Condition of a failback. */
  public enum Policy {
    /** As soon as the better server is usable; the default. */
    IMMEDIATE,
    /** After the better server has been UP for {@code after}. */
    DELAYED,
    /** On an operator's command. */
    MANUAL
  }

  public static final FailbackSettings DEFAULT =
      new FailbackSettings(Policy.IMMEDIATE, Duration.ofSeconds(30));

  public FailbackSettings {
    Settings.requireNotNegative(after, "after");
  }
}
