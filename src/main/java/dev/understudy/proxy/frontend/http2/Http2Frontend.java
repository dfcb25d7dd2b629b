package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.frontend.ExpressRequest;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.GatewayBridge;
import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.proxy.frontend.LocalResponseSender;
import dev.understudy.proxy.frontend.RequestBodyCounter;
import dev.understudy.proxy.frontend.RoutedRequest;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestSanitizer;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 stream of a client: one request in either lane, behind the codec that converts its
 * frames to HTTP/1 messages. {@link Http2StreamState} is its state, {@link Http2Response} writes
 * the response, and {@link Http2ClientStream} limits the waits.
 *
 * <p>HTTP/2 flow control holds back a client that sends faster than the server takes: each read of
 * the channel opens the stream's window.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
public final class Http2Frontend extends ChannelDuplexHandler {
  private final Frontend frontend;
  private final Http2ClientConnection connection;
  private final Http2ClientStream stream;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Http2Response response;
  private @Nullable Exchange exchange;

  /** The request if it is the express lane's; else null. */
  private @Nullable ExpressRequest express;

  private @Nullable GatewayBridge gateway;

  /** Created on first use: most requests have no body. */
  private @Nullable RequestBodyCounter upload;

  private Http2StreamState state = Http2StreamState.WAITING;
  private boolean requestEnded;
  private boolean readWanted;
  private boolean refusedInGateway;
  private boolean brokenOff;

  private Http2Frontend(Frontend frontend, Http2ClientConnection connection) {
    this.frontend = frontend;
    this.connection = connection;
    this.stream = new Http2ClientStream(this, frontend, connection.loop());
  }

  /**
   * Creates the handler of one stream, to be added right after the codec that converts its frames
   * to HTTP/1 messages.
   */
  public static Http2Frontend of(Frontend frontend, Channel stream) {
    return new Http2Frontend(
        frontend,
        Objects.requireNonNull(stream.parent().pipeline().get(Http2ClientConnection.class)));
  }

  // Stream events.

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    response = new Http2Response(this, stream, ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    connection.closed(stream);
  }

  /**
   * Handles the end of the connection. The explicit close is needed because a stream with unread
   * data does not learn of that end.
   */
  void connectionGone() {
    gone();
    context().close();
  }

  private void gone() {
    connection.closed(stream);
    Exchange running = exchange;
    exchange = null;
    if (running != null) {
      running.clientGone();
    } else if (express != null) {
      express.clientGone();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    ctx.fireUserEventTriggered(event);
    if (event instanceof Http2ResetFrame) {
      gone();
      // Unread data would keep the stream open. Closed in a later task, since the codec would send
      // another RST_STREAM now.
      ctx.channel().eventLoop().execute(ctx::close);
    }
  }

  /**
   * Handles a violation of HTTP/2, or of TLS under it. Reactor Netty learns only of the stream's
   * end: for any other event it and the Gateway would each log a line.
   */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    connection.broken(cause);
    gone();
    response().fail(cause);
  }

  // Messages from the client.

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    boolean wanted = readWanted;
    readWanted = false;
    if (state == Http2StreamState.TUNNEL) {
      ctx.fireChannelRead(msg);
      return;
    }
    Object passed = msg;
    if (msg instanceof HttpRequest request && state == Http2StreamState.WAITING) {
      Http2WebSocket handshake = Http2WebSocket.on(ctx.channel());
      if (handshake == null) {
        requestEnded = msg instanceof LastHttpContent;
        head(ctx, request);
      } else {
        // The client's side of the stream stays open.
        HttpRequest whole = handshake.whole(request);
        passed = whole;
        response().expectTunnel(handshake);
        head(ctx, whole);
      }
    } else if (msg instanceof LastHttpContent last) {
      requestEnded = true;
      RequestSanitizer.trailers(last.trailingHeaders(), List.of(), frontend.fields());
    }
    switch (state) {
      case EXPRESS -> content(passed, wanted);
      case GATEWAY -> pass(ctx, passed);
      case REMAINING_BODY -> remainingBody(ctx, passed);
      case WAITING, TUNNEL, OVER -> ReferenceCountUtil.release(passed);
    }
  }

  private void head(ChannelHandlerContext ctx, HttpRequest request) {
    ClientConnection client = connection.opened(stream);
    if (client == null) {
      state = Http2StreamState.OVER;
      ctx.close();
      return;
    }
    stream.moved();
    String target = request.uri();
    int refusal = connection.refusal(request);
    if (refusal != 0) {
      state = Http2StreamState.EXPRESS;
      LocalResponseSender.refuse(
          frontend, response(), request, target, client, connection.loop().ids(), refusal);
      return;
    }
    // HTTP/2 has no Connection field, so it nominates no trailers.
    var unused =
        RequestSanitizer.head(request.headers(), client, frontend.trusted(), frontend.fields());
    RoutedRequest routed =
        RoutedRequest.of(frontend, request, target, client, ctx.channel().eventLoop());
    if (routed instanceof GatewayRequest what) {
      state = Http2StreamState.GATEWAY;
      gateway = GatewayBridge.begin(ctx.channel(), what, request, response());
    } else {
      state = Http2StreamState.EXPRESS;
      ctx.channel().config().setAutoRead(false);
      express((ExpressRequest) routed);
    }
  }

  private void express(ExpressRequest what) {
    response().by(what);
    express = what;
    exchange = what.begin(response());
    if (exchange != null) {
      exchange.start();
    }
  }

  private void content(Object msg, boolean wanted) {
    stream.moved();
    if (exchange == null || !(msg instanceof HttpContent content)) {
      ReferenceCountUtil.release(msg);
    } else if (isTooLongWith(content)) {
      exchange.refuse(413);
    } else if (!RequestBodyCounter.deliver(exchange, content) && wanted) {
      readWanted();
    }
  }

  private void pass(ChannelHandlerContext ctx, Object msg) {
    if (refusedInGateway) {
      ReferenceCountUtil.release(msg);
      if (requestEnded) {
        ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      }
    } else if (msg instanceof HttpContent content && isTooLongWith(content)) {
      refuseInGateway(413);
    } else {
      stream.moved();
      ctx.fireChannelRead(gateway().passOn(msg));
    }
  }

  /**
   * Withholds the rest of the request from the Gateway, which responds with the status; aborts the
   * stream if the final response has begun.
   */
  private void refuseInGateway(int status) {
    if (response().hasBegun()) {
      response().abort();
    } else {
      refusedInGateway = true;
      stream.moved();
      gateway().refuse(status);
    }
  }

  /** Whether the content exceeds {@code max-body}; releases it in that case. */
  private boolean isTooLongWith(HttpContent content) {
    if (!content.content().isReadable() || !upload().isTooLongWith(content)) {
      return false;
    }
    content.release();
    frontend.listener().limited(Limit.BODY_SIZE);
    return true;
  }

  /** Drops content of the remaining body. */
  private void remainingBody(ChannelHandlerContext ctx, Object msg) {
    boolean delivered = response().isDelivered();
    if (!delivered) {
      stream.moved();
    }
    boolean tooMuch = upload().isTooMuchToDrop(msg, delivered);
    if (requestEnded) {
      state = Http2StreamState.OVER;
    } else if (tooMuch) {
      refuseRest();
    } else {
      ctx.read();
    }
  }

  /** Flushes what the express lane has written, with what it has written on other streams. */
  void flushSoon() {
    connection.flushSoon();
  }

  /** Whether the response has left, so that the rest of its request can be refused. */
  boolean isResponseDelivered() {
    return response().isDelivered();
  }

  /** Refuses the remaining body by ending the stream. */
  void refuseRest() {
    state = Http2StreamState.OVER;
    stream.moved();
    response().refuseRest();
  }

  // Calls from the Gateway lane; the engine calls Http2Response.

  /** Reads for the Gateway, which may ask by auto-read; the engine uses {@link #readWanted}. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (state == Http2StreamState.WAITING || state == Http2StreamState.GATEWAY) {
      readWanted = true;
      ctx.read();
    } else if (state == Http2StreamState.TUNNEL) {
      ctx.read();
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    stream.moved();
    if (state == Http2StreamState.GATEWAY) {
      if (msg instanceof HttpResponse head) {
        gateway().restore(head);
      }
      response().gatewayWrites(msg, promise);
    } else if (brokenOff && msg instanceof HttpObject) {
      GatewayBridge.discard(msg, promise);
    } else {
      ctx.write(msg, promise);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    stream.moved();
    tellWritability(ctx);
    if (state == Http2StreamState.TUNNEL) {
      ctx.fireChannelWritabilityChanged();
    }
  }

  private void tellWritability(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.writabilityChanged();
    } else if (state == Http2StreamState.GATEWAY) {
      gateway().writabilityChanged();
      ctx.fireChannelWritabilityChanged();
    }
  }

  /** Handles a connection that is writable again, for which only 1xx responses wait. */
  void connectionWritable() {
    if (response != null && response.hasInformed()) {
      tellWritability(context());
    }
  }

  // Calls from the response.

  /** Reads more of the request for the engine. */
  void readWanted() {
    readWanted = true;
    stream.moved();
    context().read();
  }

  /** Handles a complete response. Returns whether the request is complete too. */
  boolean responseEnded() {
    exchange = null;
    endGatewayTurn();
    stream.moved();
    if (requestEnded) {
      state = Http2StreamState.OVER;
    } else {
      state = Http2StreamState.REMAINING_BODY;
      upload().begin();
    }
    return requestEnded;
  }

  /** Handles a response that has left before the request is complete. */
  void responseDelivered() {
    stream.moved();
  }

  /** Handles a response that is broken off; its written part is still delivered. */
  void brokenOff() {
    brokenOff = true;
    over();
    stream.moved();
  }

  /** Gives the stream to a tunnel; it still counts as one of its connection's. */
  void tunnelled() {
    exchange = null;
    endGatewayTurn();
    state = Http2StreamState.TUNNEL;
  }

  /** Handles the reset of the stream. */
  void over() {
    exchange = null;
    endGatewayTurn();
    state = Http2StreamState.OVER;
  }

  private void endGatewayTurn() {
    if (gateway != null) {
      gateway.over();
    }
  }

  // Calls from the timeouts.

  Http2StreamState state() {
    return state;
  }

  /** Whether the client should read a complete response or send more of its request. */
  boolean isClientAwaited() {
    return response().hasEnded() || (!requestEnded && readWanted);
  }

  /**
   * Handles a client that neither sends nor reads for {@code understudy.client.idle}: 408 if the
   * request is incomplete and can still be refused, else the stream is reset.
   */
  void clientIsIdle() {
    if (exchange != null && !requestEnded) {
      exchange.refuse(408);
    } else if (state == Http2StreamState.GATEWAY && !requestEnded && !refusedInGateway) {
      refuseInGateway(408);
    } else {
      gone();
      response().abort();
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

  ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  private Http2Response response() {
    return Objects.requireNonNull(response);
  }
}
