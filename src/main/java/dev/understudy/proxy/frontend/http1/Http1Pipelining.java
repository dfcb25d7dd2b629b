package dev.understudy.proxy.frontend.http1;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The order of requests on one HTTP/1 connection: its {@link Http1State}, and the queue of the
 * messages that wait for their turn.
 *
 * <p>Input after the end of the present request waits in the queue, or as bytes that {@link
 * RequestDecoder} holds back. Nothing is read while anything waits, so one read bounds the queue.
 *
 * <p>No request begins while the channel is not writable: a client that sends requests and does not
 * read must not make the proxy buffer a response to each of them.
 */
final class Http1Pipelining {
  private final BooleanSupplier undecoded;
  private final BooleanSupplier writable;
  private Http1State state = Http1State.WAITING;

  /** Whether the present request may make the connection a tunnel. */
  private boolean handshake;

  /** Created on first use: few clients pipeline requests. */
  private @Nullable ArrayDeque<Object> later;

  /**
   * @param undecoded whether {@link RequestDecoder} holds bytes back
   * @param writable whether the channel is writable
   */
  Http1Pipelining(BooleanSupplier undecoded, BooleanSupplier writable) {
    this.undecoded = undecoded;
    this.writable = writable;
  }

  Http1State now() {
    return state;
  }

  boolean is(Http1State asked) {
    return state == asked;
  }

  void on(Http1State.Event event) {
    state = state.after(event);
    handshake &= state != Http1State.WAITING;
  }

  /** Notes a message of the present request, which ends with the last content that decoded well. */
  void piece(Object msg) {
    if (msg instanceof LastHttpContent last && !last.decoderResult().isFailure()) {
      on(Http1State.Event.REQUEST_END);
    }
  }

  /** Notes whether the request is known to ask for a tunnel, such as a WebSocket handshake. */
  void handshake(boolean is) {
    handshake = is;
  }

  /** Whether the present request may make the connection a tunnel. */
  boolean isHandshake() {
    return handshake;
  }

  /** Whether to read ahead for another request, which also detects a client's abort. */
  boolean mayReadAhead() {
    return !hasLater() && !handshake && !isHeldBack();
  }

  /** Whether to read again after the end of a read. */
  boolean readsOn(boolean wanted) {
    return state.readsOn(wanted, mayReadAhead());
  }

  /** Whether the next request is held back until the client has read more of the responses. */
  boolean isHeldBack() {
    return state == Http1State.WAITING && !writable.getAsBoolean();
  }

  // The queue.

  /**
   * Whether an arriving message must wait: the present request is complete and its turn is not
   * over, others wait already, or the client has to read first.
   */
  boolean isForLater() {
    return hasMessages() || state.isComplete() || isHeldBack();
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
    return later == null || state.isComplete() || isHeldBack() ? null : later.poll();
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
