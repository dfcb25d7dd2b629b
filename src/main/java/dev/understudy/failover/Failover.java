package dev.understudy.failover;

import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The choice of one pool's serving server. */
public final class Failover {
  private Failover() {}

  /**
   * Looks at the pool and says who serves.
   *
   * @param candidates one for each of the pool's servers; a server without one counts as gone
   * @param current the tenure of the last choice, or {@link Tenure#NONE}
   */
  public static Choice choose(
      Pool pool, Map<ServerId, Candidate> candidates, Tenure current, Instant now) {
    return new Choice.Stay(current, null);
  }

  /**
   * Switches to a server because an operator wants it, and pins it.
   *
   * @return empty: impossible, because that server is not usable or the pool's mode is balance;
   *     {@link Choice.Stay} if it was serving already
   */
  public static Optional<Choice> switchTo(
      Pool pool, Map<ServerId, Candidate> candidates, Tenure current, ServerId to, Instant now) {
    return Optional.empty();
  }

  /**
   * The servers that may get traffic: UP, ready, and their circuit breaker (if any) not open. When
   * open breakers alone would leave nobody, they are ignored. This is all that a balance pool
   * needs: it has no serving server.
   */
  public static Set<ServerId> usable(Pool pool, Map<ServerId, Candidate> candidates) {
    return Set.of();
  }
}
