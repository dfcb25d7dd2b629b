package dev.understudy.health;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Penalty of a server after its circuit breaker opened, during which it is out of use: {@code
 * open-for} the first time, doubled each time the breaker opens again within ten minutes after the
 * last penalty ended.
 *
 * <p>A penalty lasts at most ten minutes, or {@code open-for} if that is longer.
 *
 * @param openings number of openings in succession, the current one included
 * @param until end of the newest penalty; null if there was none
 */
public record CircuitPenalty(int openings, @Nullable Instant until) {
  /** How long a penalty is remembered after its end, and the longest that doubling makes. */
  public static final Duration MEMORY = Duration.ofMinutes(10);

  /** The penalty of a breaker that has never opened. */
  public static final CircuitPenalty NONE = new CircuitPenalty(0, null);

  /** The penalty after the breaker opened at {@code now}. */
  public CircuitPenalty opened(Duration openFor, Instant now) {
    boolean remembered = until != null && now.isBefore(until.plus(MEMORY));
    int successive = remembered ? openings + 1 : 1;
    return new CircuitPenalty(successive, now.plus(penalty(openFor, successive)));
  }

  /** Whether the penalty is running at {@code now}. */
  public boolean active(Instant now) {
    return until != null && now.isBefore(until);
  }

  private static Duration penalty(Duration openFor, int openings) {
    Duration penalty = openFor;
    for (int i = 1; i < openings && penalty.compareTo(MEMORY) < 0; i++) {
      penalty = penalty.multipliedBy(2);
    }
    if (penalty.compareTo(MEMORY) <= 0) {
      return penalty;
    }
    return openFor.compareTo(MEMORY) > 0 ? openFor : MEMORY;
  }
}
