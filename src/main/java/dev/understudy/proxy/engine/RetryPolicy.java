package dev.understudy.proxy.engine;

import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.RetrySettings;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import java.util.Set;

/**
 * Decides what follows a failed attempt, above all whether the request may be sent again; pure.
 *
 * <p>{@link #afterFailure}, by the first row that applies:
 *
 * <table>
 *   <caption>Reactions</caption>
 *   <tr><td>no connection, for want of a resource of this machine: any other server would fail too
 *   </td><td>Hold</td></tr>
 *   <tr><td>no connection</td><td>failover: Hold; balance: Replay on another</td></tr>
 *   <tr><td>broken or lost, nothing written</td><td>Replay</td></tr>
 *   <tr><td>not processed, by the server's own account; any method, at most {@link #MAX_REFUSALS} times by one
 *   server</td><td>Replay</td></tr>
 *   <tr><td>reused connection broken without a response byte, after a second or more of idleness,
 *   when a server may close it at any time, or in a balance pool; replayable and sends left</td>
 *       <td>Replay</td></tr>
 *   <tr><td>broken before the head; replayable and sends left</td>
 *       <td>Settle, as a dying server, or whatever accepts connections for it, still accepts them
 *       for a while</td></tr>
 *   <tr><td>the same, but no sends left for this server</td>
 *       <td>Settle for another server only</td></tr>
 *   <tr><td>lost before the head; GET, HEAD or OPTIONS, replayable and a send left for
 *       another server</td><td>Replay</td></tr>
 *   <tr><td>other breaks before the head; a response that is not HTTP</td><td>Respond 502</td></tr>
 *   <tr><td>no response in time</td><td>Respond 504</td></tr>
 *   <tr><td>broken after the head</td><td>BreakOff</td></tr>
 * </table>
 *
 * <p>A Replay or Settle after which the request may be executed twice takes one from the request's
 * {@link dev.understudy.proxy.http.RetryAllowance}; if none is left, it is a Respond 502.
 *
 * <p>Sends are left while fewer than {@code retry.attempts} are used up. All sends to one server
 * use up a single one when the request moves to another: a server on its way down must not cost the
 * request its chance on the next. A server that keeps breaking the same request while its probes
 * are good gets it {@code attempts} times.
 */
final class RetryPolicy {
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  /**
   * The most replays of a request that one server refuses; a server that shuts down refuses once,
   * and one with too many streams until their number is known.
   */
  static final int MAX_REFUSALS = 3;

  /** The reaction where the request may not be sent again. */
  static final Reaction SERVER_FAILED = new Reaction.Respond(502, RequestEnd.SERVER_FAILED);

  private RetryPolicy() {}

  /** The reaction to a failure. */
  sealed interface Reaction {
    /** Another attempt. */
    sealed interface Again extends Reaction {
      RetryReason reason();
    }

    /** Plan again at once. */
    record Replay(RetryReason reason) implements Again {}

    /** Wait until something changes, then plan again. */
    record Hold(RetryReason reason) implements Again {}

    /**
     * Plan again: at once if another server is selected, as may be the case in a balance pool, else
     * when it is clear whether this one is alive.
     *
     * @param again whether the same server may get the request once more if it is alive
     */
    record Settle(RetryReason reason, boolean again) implements Again {}

    record Respond(int status, RequestEnd end) implements Reaction {}

    /**
     * Break off the response: what came of it is delivered, then the client's connection or stream
     * ends in a way that shows the truncation.
     */
    record BreakOff(RequestEnd end) implements Reaction {}
  }

  /** The part of the request that was written to a connected socket. */
  enum Sent {
    NOTHING,
    HEAD,
    BODY
  }

  /**
   * A failed attempt.
   *
   * @param idempotencyKey whether the request has an {@code Idempotency-Key} that permits a replay
   * @param bodyKept whether every byte of the body that was sent can be replayed, and means the
   *     same the second time
   * @param rested whether the connection had been idle for so long (1 s or more) that its end says
   *     nothing about the server
   * @param servers incarnations that the request was sent to, this one included
   * @param sends consecutive sends to this incarnation
   */
  record FailedAttempt(
      String method,
      boolean idempotencyKey,
      Sent sent,
      boolean bodyKept,
      boolean rested,
      int servers,
      int sends) {
    /** Whether the server may have executed the request, so that another attempt is a retry. */
    boolean mayBeExecuted(UpstreamFailure failure) {
      return sent != Sent.NOTHING && failure != UpstreamFailure.REFUSED;
    }

    /** Whether the server of the last send may get the request once more. */
    private boolean isLeftForThisServer(RetrySettings retry) {
      return servers - 1 + sends < retry.attempts();
    }

    /** Whether another server may get the request. */
    private boolean isLeftForAnother(RetrySettings retry) {
      return servers < retry.attempts();
    }
  }

  /** Decides what follows a failure. */
  static Reaction afterFailure(UpstreamFailure failure, FailedAttempt attempt, Pool pool) {
    return switch (failure) {
      case LOCAL_FAILURE -> new Reaction.Hold(RetryReason.LOCAL_FAILURE);
      case CONNECT_FAILED, CONNECT_TIMED_OUT, NO_PORT ->
          pool.mode() == PoolMode.BALANCE
              ? new Reaction.Replay(RetryReason.CONNECT_FAILED)
              : new Reaction.Hold(RetryReason.CONNECT_FAILED);
      // In a balance pool Settle would move the session to another server for a mere stale
      // connection.
      case STALE ->
          broken(
              attempt,
              pool,
              RetryReason.STALE_CONNECTION,
              attempt.rested() || pool.mode() == PoolMode.BALANCE);
      case BROKEN -> broken(attempt, pool, RetryReason.BROKEN, false);
      case REFUSED ->
          attempt.bodyKept() && attempt.sends() <= MAX_REFUSALS
              ? new Reaction.Replay(RetryReason.REFUSED)
              : SERVER_FAILED;
      case SERVER_DOWN ->
          attempt.sent() == Sent.NOTHING
                  || (SAFE.contains(attempt.method())
                      && isReplayable(attempt, pool)
                      && attempt.isLeftForAnother(pool.settings().retry()))
              ? new Reaction.Replay(RetryReason.SERVER_DOWN)
              : SERVER_FAILED;
      case RESPONSE_TIMED_OUT -> new Reaction.Respond(504, RequestEnd.RESPONSE_TIMED_OUT);
      case BAD_RESPONSE -> SERVER_FAILED;
      case RESPONSE_BROKEN -> new Reaction.BreakOff(RequestEnd.RESPONSE_BROKEN);
    };
  }

  private static Reaction broken(
      FailedAttempt attempt, Pool pool, RetryReason reason, boolean ofNoMeaning) {
    if (attempt.sent() == Sent.NOTHING) {
      return new Reaction.Replay(reason);
    }
    boolean replayable = isReplayable(attempt, pool);
    boolean again = replayable && attempt.isLeftForThisServer(pool.settings().retry());
    if (again && ofNoMeaning) {
      return new Reaction.Replay(reason);
    }
    return replayable && attempt.isLeftForAnother(pool.settings().retry())
        ? new Reaction.Settle(reason, again)
        : SERVER_FAILED;
  }

  private static boolean isReplayable(FailedAttempt attempt, Pool pool) {
    return attempt.bodyKept()
        && isReplayable(attempt.method(), attempt.idempotencyKey(), pool.settings().retry());
  }

  /** Whether the pool's settings permit a second execution of a request. */
  static boolean isReplayable(String method, boolean idempotencyKey, RetrySettings retry) {
    return retry.methods().contains(method) || (idempotencyKey && retry.idempotencyKey());
  }
}
