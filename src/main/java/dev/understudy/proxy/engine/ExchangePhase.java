package dev.understudy.proxy.engine;

import org.jspecify.annotations.Nullable;

/**
 * The phase of one exchange: what may follow it, and what a failure comes to in it; pure.
 *
 * <table>
 *   <caption>Phase, event, what follows</caption>
 *   <tr><td>SELECTING: no attempt runs; the request may be held</td>
 *       <td>a server is found</td><td>CONNECTING</td></tr>
 *   <tr><td>CONNECTING: nothing is sent yet, as a connection is opened, or an idle one read</td>
 *       <td>the connection can be used</td><td>AWAITING</td></tr>
 *   <tr><td></td><td>the role moves</td><td>SELECTING, which is no failure</td></tr>
 *   <tr><td></td><td>its reused connection ends</td><td>STALE</td></tr>
 *   <tr><td></td><td>its new one fails</td><td>CONNECT_FAILED</td></tr>
 *   <tr><td>AWAITING the response's head, while the request is sent</td>
 *       <td>final head</td><td>RELAYING</td></tr>
 *   <tr><td></td><td>101 as agreed: a tunnel owns both channels</td><td>OVER</td></tr>
 *   <tr><td></td><td>its reused connection ends without a byte</td><td>STALE</td></tr>
 *   <tr><td></td><td>its connection ends otherwise</td><td>BROKEN</td></tr>
 *   <tr><td>either</td><td>the server did not process the request</td><td>REFUSED</td></tr>
 *   <tr><td></td><td>no HTTP, or not what was asked for</td><td>BAD_RESPONSE</td></tr>
 *   <tr><td></td><td>the server is lost, or cut, by {@link AttemptVerdict}</td>
 *       <td>SERVER_DOWN</td></tr>
 *   <tr><td>RELAYING the response</td><td>its end</td><td>OVER</td></tr>
 *   <tr><td></td><td>any failure of the connection or the response</td>
 *       <td>RESPONSE_BROKEN</td></tr>
 *   <tr><td></td><td>the server is cut: the response leaves it by {@link ExchangeEnding}</td>
 *       <td>OVER</td></tr>
 *   <tr><td>OVER: the outcome is reported, or will be at the tunnel's end</td><td></td>
 *       <td></td></tr>
 * </table>
 *
 * <p>After a failure {@link RetryPolicy} decides between SELECTING and OVER. The client, time and
 * the end of this process can end any phase: OVER, by {@link ExchangeEnding}.
 */
enum ExchangePhase {
  SELECTING,
  CONNECTING,
  AWAITING,
  RELAYING,
  OVER;

  /** Returns the next phase, which must be one that may follow. */
  ExchangePhase become(ExchangePhase next) {
    if (!mayBecome(next)) {
      throw new IllegalStateException(this + " cannot become " + next);
    }
    return next;
  }

  private boolean mayBecome(ExchangePhase next) {
    return switch (next) {
      case SELECTING -> isUnanswered();
      case CONNECTING -> this == SELECTING;
      case AWAITING -> this == CONNECTING;
      case RELAYING -> this == AWAITING;
      case OVER -> this != OVER;
    };
  }

  boolean isOver() {
    return this == OVER;
  }

  /** Whether the client waits for the head of a response. */
  boolean awaitsHead() {
    return this == SELECTING || isUnanswered();
  }

  /** Whether an attempt runs, of which the client has seen no final response. */
  private boolean isUnanswered() {
    return this == CONNECTING || this == AWAITING;
  }

  /**
   * What the end of the connection comes to; null if no attempt runs.
   *
   * @param stale whether it is a reused one on which the server has sent nothing since
   */
  @Nullable UpstreamFailure broken(boolean stale) {
    return switch (this) {
      case CONNECTING -> stale ? UpstreamFailure.STALE : UpstreamFailure.CONNECT_FAILED;
      case AWAITING -> stale ? UpstreamFailure.STALE : UpstreamFailure.BROKEN;
      case RELAYING -> UpstreamFailure.RESPONSE_BROKEN;
      case SELECTING, OVER -> null;
    };
  }

  /**
   * What a failure comes to that is REFUSED, BAD_RESPONSE or SERVER_DOWN while nothing has come of
   * the response; null if no attempt runs.
   */
  @Nullable UpstreamFailure failed(UpstreamFailure unanswered) {
    return isUnanswered() ? unanswered : broken(false);
  }
}
