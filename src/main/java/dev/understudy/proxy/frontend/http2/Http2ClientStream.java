package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.frontend.ClientWait;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.LocalResponseSender;
import dev.understudy.proxy.frontend.RoutedRequest;
import dev.understudy.proxy.frontend.http2.Http2StreamState.Event;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.HopByHop;
import dev.understudy.proxy.http.RequestSanitizer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream of a client: one request, which {@link Http2Exchange} hands to its lane. {@link
 * Http2StreamState} says what follows what, {@link Http2Response} writes the response.
 *
 * <p>A tunnel has a {@linkplain Http2TunnelChannel channel} besides.
 *
 * <p>HTTP/2 flow control holds back a client that sends faster than the server takes: what is not
 * read leaves the stream's window closed.
 */
final class Http2ClientStream extends ClientWait {
  private final Frontend frontend;
  private final Http2ClientConnection connection;
  private final Http2Stream netty;

  private int costBytes;
  private final Http2UnreadBody unread;
  private final Http2StreamLimits limits;
  private Http2StreamState state = Http2StreamState.WAITING;

  /** Null for a request that is refused. */
  private @Nullable Http2Exchange exchange;

  /** Null unless the stream belongs to a tunnel. */
  private @Nullable Http2TunnelChannel channel;

  private @Nullable Http2Response response;
  private @Nullable Http2WebSocket handshake;

  Http2ClientStream(
      Frontend frontend, Http2ClientConnection connection, Http2Stream netty, int costBytes) {
    super(connection.loop(), connection.loop().mark());
    this.frontend = frontend;
    this.connection = connection;
    this.netty = netty;
    this.costBytes = costBytes;
    this.unread = new Http2UnreadBody(connection);
    this.limits = new Http2StreamLimits(frontend, this);
  }

  /** Returns what the request costs, in bytes, and counts nothing for it any more. */
  int takeCost() {
    int cost = costBytes;
    costBytes = 0;
    return cost;
  }

  Http2Stream netty() {
    return netty;
  }

  EventLoop loop() {
    return connection.eventLoop();
  }

  Http2StreamState state() {
    return state;
  }

  void on(Event event) {
    state = state.after(event);
  }

  /** Whether the response was written and the request is not complete. */
  boolean hasRemainingBody() {
    return state == Http2StreamState.REMAINING_BODY;
  }

  /** The handshake that the request is; null if it is none. */
  @Nullable Http2WebSocket handshake() {
    return handshake;
  }

  // Events of the connection.

  /**
   * Handles the request's head.
   *
   * @param end whether it ends the request
   * @param webSocket whether it opens a WebSocket (RFC 8441)
   */
  void head(HttpRequest received, boolean end, boolean webSocket) {
    ClientConnection client = connection.opened(this);
    if (client == null) {
      on(Event.OUTPUT_END);
      connection.output().reset(netty, Http2Error.REFUSED_STREAM);
      return;
    }
    HttpRequest request = received;
    if (webSocket) {
      // The client's side of the stream stays open.
      handshake = new Http2WebSocket();
      request = handshake.whole(received);
    }
    String target = request.uri();
    int refusal = connection.refusal(request);
    if (refusal != 0) {
      refuse(request, target, client, end, refusal);
      return;
    }
    // HTTP/2 has no Connection field, so it nominates no trailers.
    var unused =
        RequestSanitizer.head(request.headers(), client, frontend.trusted(), frontend.fields());
    RoutedRequest routed = RoutedRequest.of(frontend, request, target, client, loop());
    int tooMuch = connection.refusal(routed.parts());
    if (tooMuch != 0) {
      refuse(request, target, client, end, tooMuch);
      return;
    }
    int partBytes = routed.parts().bytes();
    costBytes += partBytes;
    connection.accepted(partBytes);
    begin(end);
    exchange = new Http2Exchange(this, unread, routed);
    exchange.begin(respond(), end || webSocket);
  }

  private void refuse(
      HttpRequest request, String target, ClientConnection client, boolean end, int status) {
    begin(end);
    LocalResponseSender.refuse(
        frontend, respond(), request, target, client, connection.loop().ids(), status);
  }

  private void begin(boolean end) {
    on(Event.HEAD);
    if (end) {
      on(Event.REQUEST_END);
    }
  }

  private Http2Response respond() {
    Http2Response made = new Http2Response(this, connection.output());
    response = made;
    return made;
  }

  /**
   * Handles a piece of a request's body, or of what a tunnel's client sends. Returns how many bytes
   * of it the client may send again.
   */
  int data(ByteBuf data, boolean end) {
    int bytes = data.readableBytes();
    if (!state.keepsData()) {
      limits.drop(bytes, end);
      return bytes;
    }
    if (handshake == null && state.isExchange() && limits.isTooLongWith(bytes)) {
      if (exchange != null) {
        var unused = exchange.refuse(413);
      }
      if (end) {
        on(Event.REQUEST_END);
      }
      return bytes;
    }
    if (bytes > 0) {
      unread.add(data);
    }
    return end ? end(EmptyHttpHeaders.INSTANCE) : deliver();
  }

  /** Handles trailers, which end what the client sends. */
  void trailers(HttpHeaders trailers) {
    sanitize(trailers);
    if (state.keepsData()) {
      consumed(end(trailers));
    } else {
      limits.drop(0, true);
    }
  }

  private int end(HttpHeaders trailers) {
    on(Event.REQUEST_END);
    unread.end(trailers);
    return deliver();
  }

  private int deliver() {
    if (channel != null) {
      channel.passOnSoon();
      return 0;
    }
    return exchange == null ? 0 : exchange.deliver();
  }

  /** Handles a stream that has ended in both directions, or whose connection has. */
  void closed() {
    on(Event.CLOSE);
    gone();
    if (channel == null) {
      var unused = unread.release();
    } else {
      channel.streamClosed();
    }
  }

  /** Handles the end of all that its client sends: a request that has not ended never will. */
  void inputEnds() {
    if (state == Http2StreamState.TUNNEL) {
      var unused = end(EmptyHttpHeaders.INSTANCE);
    } else if (state.isIncomplete()) {
      failed(new ClosedChannelException());
    }
  }

  /** Forgets the client, who has reset the stream or gets no response any more. */
  void gone() {
    connection.closed(this);
    if (exchange != null) {
      exchange.clientGone();
    }
  }

  /** Handles a violation of HTTP/2, or of TLS under it. */
  void failed(Throwable cause) {
    gone();
    if (response != null) {
      response.fail(cause);
    } else {
      on(Event.OUTPUT_END);
      connection.output().reset(netty, Http2Error.INTERNAL_ERROR);
    }
  }

  /** Handles a connection that is writable again. */
  void connectionWritable() {
    if (response != null && response.isUnblocked()) {
      tellWritability();
    }
  }

  void tellWritability() {
    if (exchange != null) {
      exchange.writabilityChanged();
    }
  }

  // Calls from the lanes.

  /** Removes from trailers what must not be forwarded. */
  void sanitize(HttpHeaders trailers) {
    RequestSanitizer.trailers(trailers, HopByHop.Nominated.NONE, frontend.fields());
  }

  // Calls from the response.

  /** Reads more of the request for its lane. */
  void readWanted() {
    unread.want();
    moved();
    consumed(deliver());
  }

  /** Lets the client send again as many bytes as were taken. */
  void consumed(int bytes) {
    connection.consumed(this, bytes);
  }

  /** Handles a complete response. */
  void responseEnded() {
    exchangeOver();
    moved();
    on(Event.RESPONSE_END);
    if (hasRemainingBody()) {
      limits.remainingBodyBegins();
    }
  }

  /** Drops what is unread of a request that has its response. */
  void dropUnread() {
    int bytes = unread.release();
    if (bytes > 0) {
      limits.drop(bytes, false);
      consumed(bytes);
    }
  }

  /** Handles a response that is broken off, whose written part is still delivered, or reset. */
  void over() {
    exchangeOver();
    on(Event.OUTPUT_END);
  }

  private void exchangeOver() {
    if (exchange != null) {
      exchange.over();
    }
  }

  /**
   * Gives the stream to a tunnel; it still counts as one of its connection's.
   *
   * @param switching the 101, which becomes the 200 of RFC 8441
   * @return the stream's channel
   */
  Channel tunnel(HttpResponse switching) {
    exchangeOver();
    on(Event.UPGRADE);
    connection.tunnelled(this);
    Objects.requireNonNull(handshake).open(netty, connection.output(), switching);
    Http2TunnelChannel made = Http2TunnelChannel.of(this, connection.output());
    channel = made;
    return made;
  }

  // Timeouts.

  /** Applies the stream's timeouts. */
  void sweep(long nowClock) {
    if (response != null) {
      limits.sweep(nowClock, response);
    }
  }

  /**
   * Handles a client that neither sends nor reads for {@code understudy.client.idle}: 408 if the
   * request is incomplete and can still be refused, else the stream is reset.
   */
  void clientIsIdle() {
    moved();
    if (!state.isIncomplete() || exchange == null || !exchange.refuse(408)) {
      gone();
      response().abort();
    }
  }

  Http2UnreadBody unread() {
    return unread;
  }

  Http2StreamLimits limits() {
    return limits;
  }

  Http2Response response() {
    return Objects.requireNonNull(response);
  }
}
