package dev.understudy.proxy.front.http1;

import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is on one HTTP/1 connection, and what waits behind it: one request at a time, in
 * either lane, in the order in which they came (RFC 9112 §9.3.2).
 *
 * <table>
 *   <caption>Turn, event, next turn</caption>
 *   <tr><td>WAITING for a request's head</td><td>head, of a compiled route or to be refused</td>
 *       <td>EXPRESS</td></tr>
 *   <tr><td></td><td>any other head</td><td>GATEWAY</td></tr>
 *   <tr><td></td><td>too slow a head: 408; too many connections</td><td>LINGERING</td></tr>
 *   <tr><td>EXPRESS: the engine has the request, or it is answered here</td>
 *       <td>answered, and the request has ended</td><td>WAITING</td></tr>
 *   <tr><td></td><td>answered, and it has not</td><td>LEFTOVER</td></tr>
 *   <tr><td></td><td>answered for the last time, or broken off</td><td>LINGERING</td></tr>
 *   <tr><td></td><td>101</td><td>GIVEN_AWAY</td></tr>
 *   <tr><td>GATEWAY: everything passes</td><td>answered, and the request has ended</td>
 *       <td>WAITING</td></tr>
 *   <tr><td></td><td>answered, and it has not</td><td>LEFTOVER</td></tr>
 *   <tr><td></td><td>answered for the last time, or broken off</td><td>LINGERING</td></tr>
 *   <tr><td></td><td>101</td><td>GIVEN_AWAY</td></tr>
 *   <tr><td>LEFTOVER: answered, the rest of the request is dropped</td><td>its end</td>
 *       <td>WAITING</td></tr>
 *   <tr><td></td><td>its framing breaks</td><td>LINGERING</td></tr>
 *   <tr><td></td><td>too much of it, or too slow</td><td>closed</td></tr>
 *   <tr><td>LINGERING: the last response is out; what comes is dropped (RFC 9112 §9.6)</td>
 *       <td>the request's end; too much, or too slow</td><td>closed</td></tr>
 *   <tr><td>GIVEN_AWAY: HTTP has ended</td><td></td><td></td></tr>
 * </table>
 *
 * <p>Whatever comes after the end of the request whose turn it is waits in a queue, or as bytes
 * that {@link RequestDecoder} keeps; and while anything waits nothing is read: so what waits is
 * bounded by one read.
 */
final class Http1Turns {
  enum Turn {
    WAITING,
    EXPRESS,
    GATEWAY,
    LEFTOVER,
    LINGERING,
    GIVEN_AWAY
  }

  private Turn turn = Turn.WAITING;
  private boolean requestEnded;
  private boolean handshake;

  private final BooleanSupplier undecoded;

  /** Made late: few clients send a request before the response to another. */
  private @Nullable ArrayDeque<Object> later;

  /**
   * @param undecoded whether bytes wait that are no messages yet
   */
  Http1Turns(BooleanSupplier undecoded) {
    this.undecoded = undecoded;
  }

  Turn now() {
    return turn;
  }

  boolean is(Turn asked) {
    return turn == asked;
  }

  void become(Turn next) {
    turn = next;
  }

  /** Another request has come, or what is to be answered as if it were one. */
  void requestBegins() {
    requestEnded = false;
    handshake = false;
  }

  /** A piece of the request whose turn it is has come; one that could not be read is no end. */
  void piece(Object msg) {
    requestEnded |= msg instanceof LastHttpContent last && !last.decoderResult().isFailure();
  }

  /** The request may become a tunnel, whose first bytes are no HTTP. */
  void handshake(boolean is) {
    handshake = is;
  }

  /** Whether it may. */
  boolean isHandshake() {
    return handshake;
  }

  /** The turn is over. */
  void over() {
    turn = Turn.WAITING;
    handshake = false;
  }

  boolean isRequestEnded() {
    return requestEnded;
  }

  /** Whether another request may be read already; that is also how a client's abort is seen. */
  boolean mayReadAhead() {
    return !hasLater() && !handshake;
  }

  // What waits.

  /** Whether what comes now is behind a request whose turn is not over, or behind others. */
  boolean isForLater() {
    return hasMessages() || isOfAWholeRequest();
  }

  private boolean isOfAWholeRequest() {
    return requestEnded && (turn == Turn.EXPRESS || turn == Turn.GATEWAY);
  }

  private boolean hasMessages() {
    return later != null && !later.isEmpty();
  }

  /** Whether anything waits for its turn. */
  boolean hasLater() {
    return hasMessages() || undecoded.getAsBoolean();
  }

  /** Takes over the reference. */
  void putOff(Object msg) {
    if (later == null) {
      later = new ArrayDeque<>(4);
    }
    later.add(msg);
  }

  /** The oldest that waits, if it is its turn. Gives the reference away. */
  @Nullable Object takeLater() {
    return later == null || isOfAWholeRequest() ? null : later.poll();
  }

  /** Nothing that waits gets its turn any more. */
  void dropLater() {
    ArrayDeque<Object> dropped = later;
    later = null;
    if (dropped != null) {
      dropped.forEach(ReferenceCountUtil::release);
    }
  }
}
