package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.Downstream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request of the Gateway lane, between the frontend and the lane: carries past Reactor Netty
 * what that does not pass on. To the lane: the request as received, its trailers, the channel's
 * writability, and the refusal of the rest of the request. To the client: 1xx responses, resets and
 * tunnels, and the parts of a final head that WebFlux cannot express or Reactor Netty removes.
 *
 * <p>Reaches the lane as an attribute of the channel that Reactor Netty sees: the HTTP/1
 * connection, or the HTTP/2 stream. Pipelined requests do not overwrite each other's, since a
 * request is passed on only after the final response to the previous one.
 *
 * <p>Used on the channel's event loop, except {@link #request} and the parts of the head.
 */
public final class GatewayBridge {
  /** Receives the events of the client. */
  public interface Listener {
    /** Handles a change of the channel's writability. */
    void writabilityChanged();

    /** Handles the refusal of the request; called once. */
    void refused(RequestRefusedException refusal);
  }

  private static final AttributeKey<@Nullable GatewayBridge> CURRENT =
      AttributeKey.valueOf(GatewayBridge.class.getName());

  private final GatewayRequest request;
  private final Downstream client;
  private @Nullable Listener listener;
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
  private @Nullable RequestRefusedException refusal;
  private boolean over;

  /** The final response's status with its reason phrase; null if there is none to restore. */
  private @Nullable HttpResponseStatus status;

  /**
   * The length of the content that a 304 stands for; null if unknown or if the response is no 304.
   */
  private @Nullable String length;

  private GatewayBridge(GatewayRequest request, Downstream client) {
    this.request = request;
    this.client = client;
  }

  // Calls from the frontend.

  /**
   * Begins a request of the lane, and prepares the message to be passed on.
   *
   * @param channel the channel that Reactor Netty sees
   * @param client writes to the client past Reactor Netty
   */
  public static GatewayBridge begin(
      Channel channel, GatewayRequest request, HttpRequest message, Downstream client) {
    GatewayBridge bridge = new GatewayBridge(request, client);
    channel.attr(CURRENT).set(bridge);
    request.prepare(message);
    return bridge;
  }

  /**
   * Returns the form in which a message of the request is passed on. Takes over the reference.
   *
   * <p>A piece of the body shares its memory, and with it the count of its references, with all
   * that came in the same read: other requests, of other streams too. It gets a count of its own,
   * as the Gateway's filters that keep a body release it until the memory is freed.
   */
  public Object passOn(Object msg) {
    if (msg instanceof LastHttpContent last) {
      trailers = last.trailingHeaders();
    }
    return msg instanceof HttpContent content && content.content().isReadable()
        ? content.replace(counted(content.content()))
        : msg;
  }

  private static ByteBuf counted(ByteBuf shared) {
    return new CompositeByteBuf(shared.alloc(), shared.isDirect(), 1, shared);
  }

  /** Refuses the rest of the request, which is not passed on. */
  public void refuse(int with) {
    refusal = new RequestRefusedException(with);
    if (listener != null) {
      listener.refused(refusal);
    }
  }

  public void writabilityChanged() {
    if (listener != null) {
      listener.writabilityChanged();
    }
  }

  /** Restores the reason phrase and the length in a head that Reactor Netty writes. */
  public void restore(HttpResponse head) {
    if (status != null && head.status().code() == status.code()) {
      head.setStatus(status);
      status = null;
    }
    if (length != null && head.status().code() == 304) {
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
      length = null;
    }
  }

  /** Ends the request: what the lane still sends belongs to no response. */
  public void over() {
    over = true;
    // The connection keeps the bridge until its next request.
    listener = null;
  }

  /**
   * Drops what Reactor Netty still writes of a response that was broken off: its end would make the
   * response look complete.
   */
  public static void discard(Object msg, ChannelPromise promise) {
    ReferenceCountUtil.release(msg);
    promise.tryFailure(new ClosedChannelException());
  }

  // Calls from the lane.

  /** Returns the bridge of the request that was last passed on to Reactor Netty. */
  public static GatewayBridge on(Channel channel) {
    return Objects.requireNonNull(channel.attr(CURRENT).get());
  }

  /** Returns the request as received. */
  public GatewayRequest request() {
    return request;
  }

  /** Directs the client's events to the listener. */
  public void listen(Listener to) {
    listener = to;
  }

  /** Returns the refusal of the request; null if it has not been refused. */
  public @Nullable RequestRefusedException refusal() {
    return refusal;
  }

  /** Returns the request's trailers; empty until its end was passed on. */
  public HttpHeaders trailers() {
    return trailers;
  }

  /** Writes to the client past Reactor Netty. */
  public Downstream client() {
    return client;
  }

  /** Sends a 1xx response other than 101. */
  public void informational(HttpResponse response) {
    if (!over) {
      client.informational(response);
    }
  }

  /**
   * Ends a response that has begun, once the written part is delivered; no effect after its end.
   */
  public void breakOff() {
    if (!over) {
      client.breakOff();
    }
  }

  /**
   * Sets the reason phrase of the final head that is written next; ignored if a filter changes the
   * code.
   */
  public void keepReason(HttpResponseStatus phrased) {
    status = phrased;
  }

  /**
   * Sets the length of the 304 that is written next (RFC 9110 §15.4.5).
   *
   * @param value null if the response has none
   */
  public void keepLength(@Nullable String value) {
    length = value;
  }
}
