package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Receives what happens to requests and relayed connections. Called on event loops; must return at
 * once.
 */
public interface TrafficListener {
  /**
   * A request that is forwarded begins; its end is reported by {@link #endedForwarded}.
   *
   * @param headers the request's fields, which name the trace to continue
   * @param startedNanos when it began, by {@link System#nanoTime}
   * @return the request's span, which the caller ends; null if requests are not traced
   */
  default @Nullable RequestSpan began(HttpHeaders headers, long startedNanos) {
    return null;
  }

  /**
   * A request ended that was not forwarded; called exactly once for each.
   *
   * @param headers the request's fields, which name the trace to continue
   */
  default void endedLocally(RequestOutcome outcome, HttpHeaders headers) {
    endedForwarded(outcome, headers, null);
  }

  /** A relayed TCP connection ended; called exactly once for each. */
  default void connectionEnded(ConnectionOutcome outcome) {}

  /**
   * A request ended that was forwarded; called exactly once for each.
   *
   * @param request the request's fields, as filters changed them
   * @param response the fields of the final response as they are relayed; null if there is none
   */
  void endedForwarded(RequestOutcome outcome, HttpHeaders request, @Nullable HttpHeaders response);

  /** A request gets another attempt after one that failed. */
  void retried(PoolId pool, RetryReason reason);

  /** The number of a pool's held requests changed by {@code delta}. */
  void held(PoolId pool, int delta);

  /** Something was refused, delayed or ended because of a limit. */
  default void limited(Limit limit) {}
}
