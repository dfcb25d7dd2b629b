package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import java.util.function.BiConsumer;

/**
 * The span of one forwarded request, with the spans of its attempts, one after the other: each from
 * the selection of a server until the response has ended, the attempt has failed, or a tunnel has
 * begun. Used on the request's event loop; never blocks.
 */
public interface RequestSpan {
  /** The identity of the span, known from the beginning. */
  TraceContext context();

  /**
   * Begins the span of an attempt, once the attempt before has ended its own.
   *
   * @param method of the request as forwarded
   * @param target of the request as forwarded, in origin-form
   * @param reused whether the connection was idle in the pool; otherwise a new one is opened
   * @param sends how often the request was sent before
   */
  void attempt(PoolId pool, Server server, String method, String target, boolean reused, int sends);

  /**
   * Passes the header fields for the server, names first; they make the attempt's span the parent
   * there.
   */
  void propagate(BiConsumer<CharSequence, CharSequence> fields);

  /** Records the status of the attempt's final response. */
  void responded(int status);

  /** Ends the span of an attempt whose connection became a tunnel. */
  void tunnelled();

  /**
   * Ends the span of an attempt that failed.
   *
   * @param failure the kind of failure, one of a fixed set of words
   * @param detail the reason for people
   */
  void attemptFailed(String failure, String detail);

  /**
   * Ends the span of an attempt that still runs, then this one, with all that is known of the
   * request; called exactly once.
   */
  void end(RequestOutcome outcome);
}
