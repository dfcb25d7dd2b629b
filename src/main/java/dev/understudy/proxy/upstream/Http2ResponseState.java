package dev.understudy.proxy.upstream;

import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;

/**
 * How far the request and the response of one stream have come, and so what the stream's next part
 * or its end means. Pure.
 *
 * <table>
 *   <caption>State, event, next state and result</caption>
 *   <tr><td>UNSENT</td><td>the request is sent</td><td>AWAITED</td></tr>
 *   <tr><td></td><td>the stream is closed</td><td>REFUSED</td></tr>
 *   <tr><td>AWAITED</td><td>a head with 1xx</td><td>INFORMATIONAL</td></tr>
 *   <tr><td></td><td>a head that ends the stream, but announces content (RFC 9113 §8.1.1; an HTTP/1
 *       client would wait for it)</td><td>ANSWERED: TOO_SHORT</td></tr>
 *   <tr><td></td><td>another head, which may end the stream</td>
 *       <td>ANSWERED: HEAD, or WHOLE</td></tr>
 *   <tr><td></td><td>content, or another malformed response (§8.1.1)</td>
 *       <td>BAD, or HEAD_TOO_LARGE</td></tr>
 *   <tr><td></td><td>the stream is closed after RST_STREAM with REFUSED_STREAM, or a GOAWAY whose
 *       last stream is an earlier one (§8.7)</td><td>REFUSED</td></tr>
 *   <tr><td>ANSWERED: the head has come</td><td>content</td><td>CONTENT</td></tr>
 *   <tr><td></td><td>the end, with all of the announced content</td><td>WHOLE</td></tr>
 *   <tr><td></td><td>the end, with less</td><td>TOO_SHORT</td></tr>
 *   <tr><td></td><td>a malformed response</td><td>BROKEN</td></tr>
 *   <tr><td>AWAITED, ANSWERED</td><td>RST_STREAM with NO_ERROR: the response may still be in the
 *       buffer (§8.1)</td><td></td></tr>
 *   <tr><td></td><td>the stream is closed in any other way</td><td>BROKEN</td></tr>
 * </table>
 */
final class Http2ResponseState {
  private static final long UNKNOWN = -1;

  /** What a part of a stream, or its end, means to the stream's user. */
  enum Result {
    INFORMATIONAL,
    HEAD,
    CONTENT,
    WHOLE,
    TOO_SHORT,
    BAD,
    HEAD_TOO_LARGE,
    REFUSED,
    BROKEN
  }

  private enum State {
    UNSENT,
    AWAITED,
    ANSWERED
  }

  private State state = State.UNSENT;
  private boolean toHead;

  /** Bytes of the announced length that have not come; {@link #UNKNOWN} without one. */
  private long missing = UNKNOWN;

  /** Whether the server has said that it will not process the request. */
  private boolean unprocessed;

  /** How the server reset the stream; null if it did not, or needs no more of the request. */
  private @Nullable String reset;

  /**
   * Notes that the request was sent.
   *
   * @param head whether its method is HEAD
   */
  void sent(boolean head) {
    state = State.AWAITED;
    toHead = head;
  }

  boolean isSent() {
    return state != State.UNSENT;
  }

  /** Whether the request's method is HEAD. */
  boolean isToHead() {
    return toHead;
  }

  boolean hasHead() {
    return state == State.ANSWERED;
  }

  /** Bytes of the announced length that have not come; negative without one. */
  long missing() {
    return missing;
  }

  /**
   * Takes a head.
   *
   * @param length of the content that it announces; negative if none
   * @param end whether it ends the stream
   */
  Result head(int status, long length, boolean end) {
    if (status < 200) {
      return Result.INFORMATIONAL;
    }
    state = State.ANSWERED;
    missing = toHead || status == 304 ? UNKNOWN : length;
    return end ? end() : Result.HEAD;
  }

  /**
   * Takes content.
   *
   * @param end whether it ends the stream
   */
  Result content(int bytes, boolean end) {
    if (!hasHead()) {
      return Result.BAD;
    }
    if (missing > 0) {
      missing = Math.max(0, missing - bytes);
    }
    return end ? end() : Result.CONTENT;
  }

  /** Takes the end of the stream. */
  Result end() {
    return missing > 0 ? Result.TOO_SHORT : Result.WHOLE;
  }

  /**
   * Takes a violation of HTTP/2, or an internal failure.
   *
   * @param tooLarge whether it is a head that is too large
   */
  Result malformed(boolean tooLarge) {
    if (hasHead()) {
      return Result.BROKEN;
    }
    return tooLarge ? Result.HEAD_TOO_LARGE : Result.BAD;
  }

  /** Takes a RST_STREAM, which overtakes what is still in the buffer. */
  void reset(long code) {
    if (code != Http2Error.NO_ERROR.code()) {
      Http2Error known = Http2Error.valueOf(code);
      reset = "RST_STREAM " + (known == null ? Long.toString(code) : known.name());
      unprocessed |= code == Http2Error.REFUSED_STREAM.code();
    }
  }

  /** Takes a GOAWAY that excludes the stream. */
  void excluded() {
    unprocessed = true;
  }

  /** Takes the end of the stream's channel before the response's. */
  Result closed() {
    return (unprocessed || !isSent()) && !hasHead() ? Result.REFUSED : Result.BROKEN;
  }

  /** How the server reset the stream; null if it did not. */
  @Nullable String reset() {
    return reset;
  }
}
