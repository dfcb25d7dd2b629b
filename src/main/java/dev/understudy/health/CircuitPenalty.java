package dev.understudy.health;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long a server stays out of use after its circuit breaker opened: {@code open-for} the first
 * time, doubled each time the breaker opens again within ten minutes after the last penalty ended.
 *
 * <p>A penalty grows to ten minutes at most, or {@code open-for} if that is longer.
 *
 * @param openings how many in succession, the current one included
 * @param until when the newest penalty ends; null: there was none
 */
public record CircuitPenalty(int openings, @Nullable Instant until) {
  /** For how long after its end a penalty is remembered, and the longest that doubling makes. */
  public static final Duration MEMORY = Duration.ofMinutes(10);

  /** Of a breaker that has never opened. */
  public static final CircuitPenalty NONE = new CircuitPenalty(0, null);

  /** The breaker opened. */
  public CircuitPenalty opened(Duration openFor, Instant now) {
    boolean remembered = until != null && now.isBefore(until.plus(MEMORY));
    int successive = remembered ? openings + 1 : 1;
    return new CircuitPenalty(successive, now.plus(penalty(openFor, successive)));
  }

  /** Whether the server is out of use. */
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
