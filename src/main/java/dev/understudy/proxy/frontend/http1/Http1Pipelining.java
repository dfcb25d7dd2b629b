package dev.understudy.proxy.frontend.http1;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of pipelining on one HTTP/1 connection, and the queue of the messages that
 * wait: one request at a time, in either lane, in the order of arrival (RFC 9112 §9.3.2).
 *
 * <table>
 *   <caption>State, event, next state</caption>
 *   <tr><td>WAITING for a request's head</td><td>head of a compiled route, or to be refused</td>
 *       <td>EXPRESS</td></tr>
 *   <tr><td></td><td>any other head</td><td>GATEWAY</td></tr>
 *   <tr><td></td><td>head too slow: 408; too many connections: closed</td><td>LINGERING</td></tr>
 *   <tr><td>EXPRESS: the engine forwards the request, or it gets a local response</td>
 *       <td>response written, request complete</td><td>WAITING</td></tr>
 *   <tr><td></td><td>response written, request incomplete</td><td>REMAINING_BODY</td></tr>
 *   <tr><td></td><td>last response written, or broken off</td><td>LINGERING</td></tr>
 *   <tr><td></td><td>101</td><td>GIVEN_AWAY</td></tr>
 *   <tr><td>GATEWAY: all messages pass to Reactor Netty</td>
 *       <td>response written, request complete</td><td>WAITING</td></tr>
 *   <tr><td></td><td>response written, request incomplete</td><td>REMAINING_BODY</td></tr>
 *   <tr><td></td><td>last response written, or broken off</td><td>LINGERING</td></tr>
 *   <tr><td></td><td>101</td><td>GIVEN_AWAY</td></tr>
 *   <tr><td>REMAINING_BODY: response written, the remaining body is dropped</td><td>its end</td>
 *       <td>WAITING</td></tr>
 *   <tr><td></td><td>its framing breaks</td><td>LINGERING</td></tr>
 *   <tr><td></td><td>remaining body too large, or too slow</td><td>closed</td></tr>
 *   <tr><td>LINGERING: last response written, all input is dropped (RFC 9112 §9.6)</td>
 *       <td>end of the request; input too large, or too slow</td><td>closed</td></tr>
 *   <tr><td>GIVEN_AWAY: the channel belongs to a tunnel</td><td></td><td></td></tr>
 * </table>
 *
 * <p>Input after the end of the present request waits in a queue, or as bytes that {@link
 * RequestDecoder} keeps. Nothing is read while anything waits, so one read bounds the queue.
 *
 * <p>No request begins while the channel is not writable: a client that sends requests and does not
 * read must not make the proxy buffer a response to each of them.
 */
final class Http1Pipelining {
  enum State {
    WAITING,
    EXPRESS,
    GATEWAY,
    REMAINING_BODY,
    LINGERING,
    GIVEN_AWAY
  }

  private State state = State.WAITING;
  private boolean requestEnded;
  private boolean handshake;

  private final BooleanSupplier undecoded;
  private final BooleanSupplier writable;

  /** Created on first use: few clients pipeline requests. */
  private @Nullable ArrayDeque<Object> later;

  /**
   * @param undecoded whether {@link RequestDecoder} keeps bytes that it has not decoded yet
   * @param writable whether the channel is writable
   */
  Http1Pipelining(BooleanSupplier undecoded, BooleanSupplier writable) {
    this.undecoded = undecoded;
    this.writable = writable;
  }

  State now() {
    return state;
  }

  boolean is(State asked) {
    return state == asked;
  }

  void become(State next) {
    state = next;
  }

  /** Begins a request, or a local response to input that never became one. */
  void requestBegins() {
    requestEnded = false;
    handshake = false;
  }

  /** Notes a message of the present request, which ends with the last content that decoded well. */
  void piece(Object msg) {
    requestEnded |= msg instanceof LastHttpContent last && !last.decoderResult().isFailure();
  }

  /** Notes whether the request is known to ask for a tunnel, such as a WebSocket handshake. */
  void handshake(boolean is) {
    handshake = is;
  }

  /** Whether the present request may make the connection a tunnel. */
  boolean isHandshake() {
    return handshake;
  }

  /** Ends the exchange: the connection waits for a request. */
  void over() {
    state = State.WAITING;
    handshake = false;
  }

  boolean isRequestEnded() {
    return requestEnded;
  }

  /** Whether to read ahead for another request, which also detects a client's abort. */
  boolean mayReadAhead() {
    return !hasLater() && !handshake && !isHeldBack();
  }

  /** Whether the next request is held back until the client has read more of the responses. */
  boolean isHeldBack() {
    return state == State.WAITING && !writable.getAsBoolean();
  }

  // The queue.

  /**
   * Whether an arriving message must wait: the present request is complete and its turn is not
   * over, others wait already, or the client has to read first.
   */
  boolean isForLater() {
    return hasMessages() || isOfAWholeRequest() || isHeldBack();
  }

  private boolean isOfAWholeRequest() {
    return requestEnded && (state == State.EXPRESS || state == State.GATEWAY);
  }

  private boolean hasMessages() {
    return later != null && !later.isEmpty();
  }

  /** Whether any input waits for its turn, decoded or not. */
  boolean hasLater() {
    return hasMessages() || undecoded.getAsBoolean();
  }

  /** Whether the queue has more than the rest of the present request. */
  boolean hasLaterRequest() {
    return undecoded.getAsBoolean()
        || (later != null && later.stream().anyMatch(HttpRequest.class::isInstance));
  }

  /** Queues a message. Takes over the reference. */
  void putOff(Object msg) {
    if (later == null) {
      later = new ArrayDeque<>(4);
    }
    later.add(msg);
  }

  /**
   * Returns the oldest queued message if it may be handled now, else null. Gives the reference
   * away.
   */
  @Nullable Object pollLater() {
    return later == null || isOfAWholeRequest() || isHeldBack() ? null : later.poll();
  }

  /** Releases all queued messages. */
  void dropLater() {
    ArrayDeque<Object> dropped = later;
    later = null;
    if (dropped != null) {
      dropped.forEach(ReferenceCountUtil::release);
    }
  }
}
