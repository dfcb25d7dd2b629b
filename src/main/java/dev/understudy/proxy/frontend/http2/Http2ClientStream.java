package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.frontend.ClientWait;
import dev.understudy.proxy.frontend.ExpressRequest;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.GatewayBridge;
import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.proxy.frontend.LocalResponseSender;
import dev.understudy.proxy.frontend.RemainingBodyLimits;
import dev.understudy.proxy.frontend.RequestBodyCounter;
import dev.understudy.proxy.frontend.RoutedRequest;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestSanitizer;
import dev.understudy.traffic.Limit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStreamEvent;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream of a client: one request in either lane. {@link Http2StreamState} is its state,
 * {@link Http2Response} writes its response.
 *
 * <p>A stream of the express lane is this object alone. One of the Gateway lane, and a tunnel, have
 * a channel besides.
 *
 * <p>HTTP/2 flow control holds back a client that sends faster than the server takes: what is not
 * read leaves the stream's window closed.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2ClientStream extends ClientWait {
  private final Frontend frontend;
  private final Http2ClientConnection connection;
  private final Http2Stream netty;

  /** Makes Netty's multiplexer create a channel for the stream. */
  private final Http2FrameStreamEvent opening;

  private @Nullable Channel channel;
  private @Nullable Http2GatewayHandler handler;
  private @Nullable Http2Response response;
  private @Nullable Http2WebSocket handshake;

  /** The request as the Gateway lane gets it, until it has. */
  private @Nullable HttpRequest passed;

  private @Nullable Exchange exchange;

  /** The request if it is the express lane's; else null. */
  private @Nullable ExpressRequest express;

  private @Nullable GatewayBridge gateway;

  /** Created on first use: most requests have no body. */
  private @Nullable RequestBodyCounter upload;

  /** Pieces of the body that nobody has read, in the express lane. */
  private @Nullable ArrayDeque<ByteBuf> unread;

  /**
   * The trailers of a request that is complete and whose end is not read; null if there are none.
   */
  private @Nullable HttpHeaders unreadEnd;

  private Http2StreamState state = Http2StreamState.WAITING;
  private boolean requestEnded;
  private boolean readWanted;
  private boolean delivering;
  private boolean refusedInGateway;
  private boolean brokenOff;
  private boolean tunnelReads;
  private boolean closed;

  private final int cost;

  /**
   * @param cost of the request, in bytes
   */
  Http2ClientStream(
      Frontend frontend,
      Http2ClientConnection connection,
      Http2Stream netty,
      Http2FrameStreamEvent opening,
      int cost) {
    super(connection.loop(), connection.loop().mark());
    this.frontend = frontend;
    this.connection = connection;
    this.netty = netty;
    this.opening = opening;
    this.cost = cost;
  }

  /** The cost of the request, in bytes. */
  int cost() {
    return cost;
  }

  Http2Stream netty() {
    return netty;
  }

  Http2FrameStreamEvent opening() {
    return opening;
  }

  EventLoop loop() {
    return connection.eventLoop();
  }

  boolean hasChannel() {
    return channel != null;
  }

  /** Whether frames go to the channel: those behind a handshake wait until the tunnel reads. */
  boolean feedsChannel() {
    return channel != null && (handshake == null || tunnelReads);
  }

  /** Whether data waits until it is read. */
  private boolean keepsData() {
    return state == Http2StreamState.EXPRESS
        || state == Http2StreamState.TUNNEL
        || (state == Http2StreamState.GATEWAY && handshake != null);
  }

  /** Whether nothing more can be sent. */
  boolean isClosed() {
    return closed;
  }

  boolean isRequestEnded() {
    return requestEnded;
  }

  boolean isBrokenOff() {
    return brokenOff;
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
      state = Http2StreamState.OVER;
      connection.output().reset(netty, Http2Error.REFUSED_STREAM);
      return;
    }
    HttpRequest request = received;
    if (webSocket) {
      // The client's side of the stream stays open.
      handshake = new Http2WebSocket();
      request = handshake.whole(received);
    } else {
      requestEnded = end;
    }
    if (end || webSocket) {
      unreadEnd = EmptyHttpHeaders.INSTANCE;
    }
    String target = request.uri();
    int refusal = connection.refusal(request);
    if (refusal != 0) {
      state = Http2StreamState.EXPRESS;
      LocalResponseSender.refuse(
          frontend, express(), request, target, client, connection.loop().ids(), refusal);
      return;
    }
    // HTTP/2 has no Connection field, so it nominates no trailers.
    var unused =
        RequestSanitizer.head(request.headers(), client, frontend.trusted(), frontend.fields());
    RoutedRequest routed = RoutedRequest.of(frontend, request, target, client, loop());
    if (routed instanceof GatewayRequest what) {
      state = Http2StreamState.GATEWAY;
      passed = request;
      unreadEnd = null;
      connection.createChannel(this);
      ChannelHandlerContext ctx = handler().context();
      Http2GatewayResponse begun = new Http2GatewayResponse(this, ctx, connection.output());
      response = begun;
      gateway = GatewayBridge.begin(ctx.channel(), what, request, begun);
      connection.passHead(this, end);
    } else {
      state = Http2StreamState.EXPRESS;
      express = (ExpressRequest) routed;
      Http2ExpressResponse begun = express();
      begun.by(express);
      exchange = express.begin(begun);
      if (exchange != null) {
        exchange.start();
        readWanted |= unreadEnd != null;
        deliver();
      }
    }
  }

  private Http2ExpressResponse express() {
    Http2ExpressResponse made = new Http2ExpressResponse(this, connection.output());
    response = made;
    return made;
  }

  /** Notes the channel that was created for the stream. */
  void created(Channel stream, Http2GatewayHandler with) {
    channel = stream;
    handler = with;
  }

  /**
   * Handles a piece of the body of a request without a channel. Returns how many bytes of it the
   * client may send again.
   */
  int data(ByteBuf data, boolean end) {
    requestEnded |= end;
    int bytes = data.readableBytes();
    if (!keepsData()) {
      remainingBody(bytes);
      return bytes;
    }
    if (bytes > 0) {
      if (unread == null) {
        unread = new ArrayDeque<>(2);
      }
      unread.add(data.retain());
      connection.unread(bytes);
    }
    if (end) {
      unreadEnd = EmptyHttpHeaders.INSTANCE;
    }
    return deliver();
  }

  /** Handles the trailers of a request without a channel. */
  void trailers(HttpHeaders trailers) {
    requestEnded = true;
    RequestSanitizer.trailers(trailers, List.of(), frontend.fields());
    if (state == Http2StreamState.EXPRESS) {
      unreadEnd = trailers;
      connection.consumed(this, deliver());
    } else {
      remainingBody(0);
    }
  }

  /** Gives the engine what it wants of the body. Returns how many bytes it got. */
  private int deliver() {
    if (delivering) {
      return 0;
    }
    delivering = true;
    int given = 0;
    try {
      while (readWanted && exchange != null && state == Http2StreamState.EXPRESS) {
        // What follows a handshake is no body: it waits for the tunnel.
        ByteBuf data = handshake != null ? null : nextUnread();
        if (data == null && unreadEnd == null) {
          break;
        }
        moved();
        readWanted = false;
        if (data != null) {
          given += data.readableBytes();
          if (isTooLongWith(data.readableBytes())) {
            data.release();
            exchange.refuse(413);
            break;
          }
          exchange.requestBody(data);
        }
        HttpHeaders end = unreadEnd;
        if (end != null && (handshake != null || isRead()) && exchange != null) {
          unreadEnd = null;
          exchange.requestEnd(end);
        }
      }
    } finally {
      delivering = false;
    }
    return given;
  }

  /** Takes the oldest piece that is unread; null if there is none. */
  private @Nullable ByteBuf nextUnread() {
    ByteBuf data = unread == null ? null : unread.poll();
    if (data != null) {
      connection.unread(-data.readableBytes());
    }
    return data;
  }

  private boolean isRead() {
    return unread == null || unread.isEmpty();
  }

  /** Handles a stream that its client has reset. */
  void reset() {
    gone();
    if (channel != null) {
      // Unread data would keep the stream open. Closed in a later task, since the codec would send
      // another RST_STREAM now.
      loop().execute(channel::close);
    }
  }

  /** Handles a stream that has ended in both directions, or whose connection has. */
  void closed() {
    closed = true;
    gone();
    release();
  }

  /**
   * Handles the end of the connection. The explicit close is needed because a channel with unread
   * data does not learn of that end.
   */
  void connectionGone() {
    closed = true;
    gone();
    if (channel != null) {
      channel.close();
    }
  }

  /** Handles the end of all that its client sends: a request that has not ended never will. */
  void inputEnds() {
    if (state == Http2StreamState.TUNNEL && channel != null) {
      channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    } else if (!requestEnded && state != Http2StreamState.REMAINING_BODY) {
      failed(new ClosedChannelException());
    }
  }

  private void gone() {
    connection.closed(this);
    Exchange running = exchange;
    exchange = null;
    if (running != null) {
      running.clientGone();
    } else if (express != null) {
      express.clientGone();
    }
  }

  /**
   * Handles a violation of HTTP/2, or of TLS under it. Reactor Netty learns only of the stream's
   * end: for any other event it and the Gateway would each log a line.
   */
  void failed(Throwable cause) {
    gone();
    if (response != null) {
      response.fail(cause);
    } else {
      state = Http2StreamState.OVER;
      connection.output().reset(netty, Http2Error.INTERNAL_ERROR);
    }
  }

  /** Resets the stream, whose client leaves so much unread that the response cannot be kept. */
  void exhausted() {
    connection.output().memory().exhausted();
    resetSoon(Http2Error.ENHANCE_YOUR_CALM);
  }

  /**
   * Resets the stream, whose response cannot be completed. In a task of its own, as the exchange or
   * the codec is writing.
   */
  void resetSoon(Http2Error why) {
    PerEventLoop.run(
        loop(),
        () -> {
          gone();
          response().reset(why);
        });
  }

  /** Handles a connection that is writable again. */
  void connectionWritable() {
    if (response instanceof Http2ExpressResponse of && of.becomesWritable()) {
      moved();
      tellWritability();
    } else if (response != null && response.informed) {
      // Only 1xx responses wait for the connection.
      tellWritability();
    }
  }

  void tellWritability() {
    if (exchange != null) {
      exchange.writabilityChanged();
    } else if (state == Http2StreamState.GATEWAY && gateway != null) {
      gateway.writabilityChanged();
    }
  }

  // Events of the Gateway's channel.

  void gatewayRead(Object msg) {
    readWanted = false;
    Object message = msg;
    if (passed != null) {
      // What came is the form that Netty made of a head without fields.
      ReferenceCountUtil.release(msg);
      message = passed;
      passed = null;
    } else if (msg instanceof LastHttpContent last) {
      requestEnded = true;
      RequestSanitizer.trailers(last.trailingHeaders(), List.of(), frontend.fields());
    }
    ChannelHandlerContext ctx = handler().context();
    switch (state) {
      case GATEWAY -> pass(ctx, message);
      case REMAINING_BODY -> {
        int bytes = bytes(message);
        ReferenceCountUtil.release(message);
        remainingBody(bytes);
        if (state == Http2StreamState.REMAINING_BODY) {
          ctx.read();
        }
      }
      case WAITING, EXPRESS, TUNNEL, OVER -> ReferenceCountUtil.release(message);
    }
  }

  private static int bytes(Object msg) {
    return msg instanceof HttpContent content ? content.content().readableBytes() : 0;
  }

  private void pass(ChannelHandlerContext ctx, Object msg) {
    if (refusedInGateway) {
      ReferenceCountUtil.release(msg);
      if (requestEnded) {
        ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      }
    } else if (isTooLongWith(bytes(msg))) {
      ReferenceCountUtil.release(msg);
      refuseInGateway(413);
    } else {
      moved();
      ctx.fireChannelRead(gateway().passOn(msg));
    }
  }

  /** Handles a read of the Gateway's. Returns whether the channel is to be read. */
  boolean gatewayReads() {
    boolean reads = state == Http2StreamState.WAITING || state == Http2StreamState.GATEWAY;
    readWanted |= reads;
    return reads;
  }

  void gatewayWrites(Object msg, ChannelPromise promise) {
    moved();
    if (state == Http2StreamState.GATEWAY && response instanceof Http2GatewayResponse of) {
      if (msg instanceof HttpResponse head) {
        gateway().restore(head);
      }
      of.write(msg, promise);
    } else {
      var unused = handler().context().write(msg, promise);
    }
  }

  /**
   * Withholds the rest of the request from the Gateway, which responds with the status; aborts the
   * stream if the final response has begun.
   */
  private void refuseInGateway(int status) {
    if (response instanceof Http2GatewayResponse of && of.hasBegun()) {
      of.abort();
    } else {
      refusedInGateway = true;
      moved();
      gateway().refuse(status);
    }
  }

  /** Whether that many bytes more exceed {@code max-body}. */
  private boolean isTooLongWith(int bytes) {
    if (bytes == 0 || !upload().isTooLongWith(bytes)) {
      return false;
    }
    frontend.listener().limited(Limit.BODY_SIZE);
    return true;
  }

  /** Drops bytes of the remaining body. */
  private void remainingBody(int bytes) {
    if (state != Http2StreamState.REMAINING_BODY) {
      return;
    }
    boolean delivered = response().isDelivered();
    if (!delivered) {
      moved();
    }
    boolean tooMuch = upload().isTooMuchToDrop(bytes, delivered);
    if (requestEnded) {
      state = Http2StreamState.OVER;
    } else if (tooMuch) {
      refuseRest();
    }
  }

  /** Refuses the remaining body by ending the stream. */
  private void refuseRest() {
    state = Http2StreamState.OVER;
    moved();
    response().refuseRest();
  }

  // Calls from the response.

  /** Reads more of the request for the engine. */
  void readWanted() {
    readWanted = true;
    moved();
    if (state == Http2StreamState.EXPRESS) {
      connection.consumed(this, deliver());
    }
  }

  /** Handles a complete response. Returns whether the request is complete too. */
  boolean responseEnded() {
    exchange = null;
    endGatewayTurn();
    moved();
    if (requestEnded) {
      state = Http2StreamState.OVER;
    } else {
      state = Http2StreamState.REMAINING_BODY;
      upload().begin();
    }
    return requestEnded;
  }

  /** Drops what is unread of a request that has its response. */
  void dropUnread() {
    int bytes = release();
    if (bytes > 0) {
      remainingBody(bytes);
      connection.consumed(this, bytes);
    }
  }

  private int release() {
    int bytes = 0;
    for (ByteBuf data = nextUnread(); data != null; data = nextUnread()) {
      bytes += data.readableBytes();
      data.release();
    }
    return bytes;
  }

  /** Handles a response that has left before the request is complete. */
  void responseDelivered() {
    moved();
  }

  /** Handles a response that is broken off; its written part is still delivered. */
  void brokenOff() {
    brokenOff = true;
    over();
    moved();
  }

  /** Handles the reset of the stream. */
  void over() {
    exchange = null;
    endGatewayTurn();
    state = Http2StreamState.OVER;
  }

  /**
   * Gives the stream to a tunnel; it still counts as one of its connection's.
   *
   * @param switching the 101, which becomes the 200 of RFC 8441
   * @return the stream's channel
   */
  Channel tunnel(HttpResponse switching) {
    exchange = null;
    endGatewayTurn();
    state = Http2StreamState.TUNNEL;
    if (channel == null) {
      connection.createChannel(this);
    }
    Channel of = Objects.requireNonNull(channel);
    Http2WebSocket.clear(
        of, new Http2TunnelFrames(this::tunnelReads, connection.output()::counted));
    Http2WebSocket.removeFields(switching.headers());
    connection.openTunnel(this, switching);
    return of;
  }

  /** Handles a read of the tunnel's: passes on what came before the first one. */
  void tunnelReads() {
    if (tunnelReads) {
      return;
    }
    tunnelReads = true;
    for (ByteBuf data = nextUnread(); data != null; data = nextUnread()) {
      connection.passData(this, data, false);
    }
    if (requestEnded) {
      connection.passData(this, Unpooled.EMPTY_BUFFER, true);
    }
    connection.passedData();
  }

  private void endGatewayTurn() {
    if (gateway != null) {
      gateway.over();
    }
  }

  // Timeouts.

  /** Applies the stream's timeouts; the wait for a request's head is the connection's. */
  void sweep(long nowClock) {
    long waited = waited(nowClock);
    Http2Response its = response;
    if (its == null) {
      return;
    }
    boolean dropping = state == Http2StreamState.REMAINING_BODY && its.isDelivered();
    if (dropping) {
      if (waited >= RemainingBodyLimits.MAX_NANOS) {
        refuseRest();
      }
    } else if (state != Http2StreamState.WAITING
        && state != Http2StreamState.TUNNEL
        && isClientsTurn(its.isWritable(), its.unread(), isClientAwaited(its))
        && waited >= frontend.limits().idle().toNanos()) {
      frontend.listener().limited(Limit.CLIENT_IDLE);
      clientIsIdle(its);
    }
  }

  /** Whether the client should read a complete response or send more of its request. */
  private boolean isClientAwaited(Http2Response its) {
    return its.ended || (!requestEnded && readWanted);
  }

  /**
   * Handles a client that neither sends nor reads for {@code understudy.client.idle}: 408 if the
   * request is incomplete and can still be refused, else the stream is reset.
   */
  private void clientIsIdle(Http2Response its) {
    if (exchange != null && !requestEnded) {
      exchange.refuse(408);
    } else if (state == Http2StreamState.GATEWAY && !requestEnded && !refusedInGateway) {
      refuseInGateway(408);
    } else {
      gone();
      its.abort();
    }
  }

  private RequestBodyCounter upload() {
    if (upload == null) {
      upload = new RequestBodyCounter(frontend.limits());
    }
    return upload;
  }

  private GatewayBridge gateway() {
    return Objects.requireNonNull(gateway);
  }

  private Http2GatewayHandler handler() {
    return Objects.requireNonNull(handler);
  }

  private Http2Response response() {
    return Objects.requireNonNull(response);
  }
}
