package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;

/** The span of one forwarded request. Used on the request's event loop; never blocks. */
public interface RequestSpan {
  /** The identity of the span, known from the beginning. */
  TraceContext context();

  /**
   * Begins the span of an attempt, which the caller ends before this span.
   *
   * @param method of the request as forwarded
   * @param target of the request as forwarded, in origin-form
   * @param reused whether the connection was idle in the pool; otherwise a new one is opened
   * @param sends how often the request was sent before
   */
  AttemptSpan attempt(
      PoolId pool, Server server, String method, String target, boolean reused, int sends);

  /** Ends the span with all that is known of the request; called exactly once. */
  void end(Outcome outcome);
}
