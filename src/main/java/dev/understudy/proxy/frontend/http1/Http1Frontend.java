package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.frontend.ClientMemory;
import dev.understudy.proxy.frontend.ConnectionAdmission;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.RequestBodyCounter;
import dev.understudy.proxy.frontend.RoutedRequest;
import dev.understudy.proxy.frontend.http1.Http1State.Event;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.HopByHop;
import dev.understudy.proxy.http.RequestSanitizer;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * One HTTP/1 connection of a client. {@link Http1Exchanges} hands its requests to their lanes.
 * {@link Http1State} says what follows what, {@link Http1Pipelining} keeps the order, {@link
 * Http1Reads} reads, and {@link Http1ConnectionLifetime} limits the waits.
 *
 * <p>A client that half-closes the connection (RFC 9293 §3.6, or TLS {@code close_notify}) gets the
 * responses to all requests that arrived whole, as with HAProxy without {@code abortonclose}. A
 * closed socket looks the same until the client resets the connection, which it does at the first
 * byte of a response; the reset cancels the request. Until then {@code hold.time} and the pool's
 * timeouts limit the request.
 */
// A failed write closes the channel, which channelInactive reports.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Frontend implements ClientMemory.Carrier {
  private final Frontend frontend;
  private final ChannelHandlerContext ctx;
  private final Http1Pipelining pipelining;
  private final Http1Reads reads;
  private final Http1ConnectionLifetime lifetime;
  private final ConnectionAdmission admission;
  private final RequestBodyCounter upload;
  private final Http1Response response;
  private final Http1Exchanges exchanges;
  private final Http1RemainingBody remainingBody;
  private final RequestDecoder decoder;
  private final Http1NextRequest nextRequest;

  /** What the parts of the present request take as objects, in bytes; 0 in the express lane. */
  private int partBytes;

  /** What the request's {@code Connection} nominated, to be removed from trailers too. */
  private HopByHop.Nominated nominated = HopByHop.Nominated.NONE;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1Frontend(Frontend frontend, ChannelHandlerContext ctx, RequestDecoder decoder) {
    this.frontend = frontend;
    this.ctx = ctx;
    this.decoder = decoder;
    this.pipelining = new Http1Pipelining(decoder::isHoldingBack, ctx.channel()::isWritable);
    this.reads = new Http1Reads(ctx, pipelining);
    this.admission = new ConnectionAdmission(frontend, ctx.channel(), this);
    this.upload = new RequestBodyCounter(frontend.limits());
    this.response = new Http1Response(this, ctx);
    this.exchanges = new Http1Exchanges(this, ctx, frontend, pipelining, response, upload);
    this.remainingBody = new Http1RemainingBody(this, ctx, pipelining, upload);
    this.nextRequest = new Http1NextRequest(this, ctx, pipelining, reads, decoder);
    this.lifetime =
        new Http1ConnectionLifetime(this, ctx, frontend, pipelining, reads, decoder, admission);
  }

  @Override
  public long requests() {
    return (pipelining.now().isExchange()
            ? ClientMemory.CONNECTION + ClientMemory.REQUEST + partBytes
            : 0)
        + decoder.heads();
  }

  @Override
  public long undecoded() {
    return decoder.undecoded();
  }

  @Override
  public ByteToMessageDecoder decoder() {
    return decoder;
  }

  // Connection events.

  void begin() {
    lifetime.enter();
    reads.read();
  }

  void clientGone() {
    leave();
    exchanges.clientGone();
  }

  /** Ends HTTP on this connection: stops its timeouts and drops the queued messages. */
  void leave() {
    lifetime.leave();
    pipelining.dropLater();
  }

  /** Handles the end of the client's input; the client may still read. */
  void inputEnds() {
    if (!reads.isEnded()) {
      reads.end();
      endUnlessDue();
    }
  }

  boolean isInputEnded() {
    return reads.isEnded();
  }

  /** Ends the connection, whose input has ended, unless a whole request awaits its response. */
  void endUnlessDue() {
    switch (pipelining.now().atInputEnd(pipelining.hasLater())) {
      case GO_ON -> {}
      case CLOSE -> {
        exchanges.clientGone();
        ctx.close();
      }
      case FINISH -> remainingBody.finish();
    }
  }

  // Messages from the client.

  /** Handles one decoded message. Takes over the reference. */
  void received(Object msg) {
    lifetime.messageCame();
    if (pipelining.is(Http1State.LINGERING)) {
      remainingBody.drop(msg);
    } else if (pipelining.isForLater()) {
      pipelining.putOff(msg);
    } else {
      take(msg);
    }
  }

  /** Handles a message whose turn it is. Takes over the reference. */
  void take(Object msg) {
    if (msg instanceof HttpRequest next && pipelining.is(Http1State.WAITING)) {
      head(next);
    } else if (msg instanceof LastHttpContent last) {
      RequestSanitizer.trailers(last.trailingHeaders(), nominated, frontend.fields());
    }
    switch (pipelining.now()) {
      case GIVEN_AWAY -> ctx.fireChannelRead(msg);
      case LINGERING -> remainingBody.drop(msg);
      case WAITING, INCOMPLETE, COMPLETE, REMAINING_BODY -> {
        if (msg instanceof HttpContent content) {
          content(content);
        }
      }
    }
  }

  private void content(HttpContent content) {
    pipelining.piece(content);
    reads.arrived();
    if (pipelining.now().isExchange()) {
      exchanges.content(content);
    } else {
      remainingBody.received(content);
    }
  }

  private void head(HttpRequest next) {
    reads.arrived();
    upload.begin();
    lifetime.turned();
    ClientConnection from = admission.admit();
    if (from == null) {
      pipelining.on(Event.OUTPUT_END);
      ctx.close();
      return;
    }
    partBytes = 0;
    boolean keepAlive = HttpUtil.isKeepAlive(next) && !admission.isLastAllowed();
    String clientTarget = next.uri();
    response.begin(next, keepAlive, HttpUtil.is100ContinueExpected(next));
    int refusal = admission.refusal(next);
    if (refusal != 0) {
      pipelining.on(Event.HEAD);
      exchanges.refuse(next, clientTarget, from, refusal);
      return;
    }
    nominated = RequestSanitizer.head(next.headers(), from, frontend.trusted(), frontend.fields());
    if (next.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
      // Such a client knows no 1xx: its expectation must be ignored (RFC 9110 §10.1.1).
      next.headers().remove(HttpHeaderNames.EXPECT);
    }
    RoutedRequest routed =
        RoutedRequest.of(frontend, next, clientTarget, from, ctx.channel().eventLoop());
    int tooMuch = admission.refusal(routed.parts());
    if (tooMuch != 0) {
      pipelining.on(Event.HEAD);
      exchanges.refuse(next, clientTarget, from, tooMuch);
      return;
    }
    partBytes = routed.parts().bytes();
    pipelining.on(Event.HEAD);
    admission.memory().requestsChanged();
    ctx.channel().config().setAutoRead(false);
    boolean mayUpgrade = routed.offersUpgrade();
    exchanges.begin(routed);
    decoder.decided(
        next, (mayUpgrade && pipelining.now().isExchange()) || pipelining.isHandshake());
  }

  void readIsOver() {
    lifetime.readIsOver();
    if (pipelining.is(Http1State.LINGERING)) {
      decoder.refuse();
    }
    if (pipelining.is(Http1State.GIVEN_AWAY)) {
      ctx.fireChannelReadComplete();
    }
    reads.goOn();
  }

  // Calls from the response.

  /** Whether the request that is being responded to is here as a whole. */
  boolean isComplete() {
    return pipelining.now().isComplete();
  }

  /** Whether the client is known to have sent neither more of this request nor another request. */
  boolean hasNothingMore() {
    return reads.isEnded() || (pipelining.now().isComplete() && !pipelining.hasLater());
  }

  /**
   * Whether the present response is the last on this connection: the process is stopping or the
   * client's input has ended, and no other request is queued; or the connection was retired, so
   * that its queued requests are dropped (RFC 9112 §9.6).
   */
  boolean isLastOfAll() {
    return lifetime.isRetired()
        || ((reads.isEnded() || lifetime.isStopping()) && !pipelining.hasLaterRequest());
  }

  /** Restarts the wait: bytes came from the client or were written to it. */
  void moved() {
    lifetime.moved();
  }

  /** Handles a change of the channel's writability. */
  void writabilityChanged() {
    lifetime.moved();
    if (ctx.channel().isWritable()) {
      nextRequest.writable();
    }
    exchanges.writabilityChanged();
  }

  /** Reads more of the request for its lane. */
  void readWanted() {
    lifetime.moved();
    reads.want();
  }

  /** Handles the end of a response after which the connection stays open. */
  void responseEnded() {
    exchanges.over();
    pipelining.on(Event.RESPONSE_END);
    admission.memory().requestsChanged();
    if (pipelining.is(Http1State.WAITING)) {
      nextRequest.exchangeEnded();
    } else {
      remainingBody.begin();
      reads.read();
    }
  }

  /** Handles the end of the last response on this connection. */
  void lastResponseEnded() {
    exchanges.over();
    remainingBody.end(hasNothingMore());
  }

  /** Starts the limits on the remaining body, which is dropped. */
  void remainingBodyBegins() {
    lifetime.remainingBodyBegins();
  }

  /** Handles the end of a remaining body: the next request may begin. */
  void remainingBodyEnded() {
    nextRequest.exchangeEnded();
  }

  /**
   * Handles a client that neither sends nor reads for {@code understudy.client.idle}: 408 if the
   * request is incomplete and its response has not begun, else the connection is reset.
   */
  void clientIsIdle() {
    switch (pipelining.now()) {
      case INCOMPLETE, COMPLETE -> exchanges.clientIsIdle();
      default -> response.abort();
    }
  }

  /** Responds with 408: a request's head has begun, and was not complete in time. */
  void headIsLate() {
    exchanges.headIsLate();
  }

  /** Handles a reset of the connection. */
  void broken() {
    exchanges.over();
    pipelining.on(Event.OUTPUT_END);
  }

  /** Hands the channel over to a tunnel. */
  void givenAway() {
    exchanges.over();
    pipelining.on(Event.UPGRADE);
  }

  /** Returns the connection's lifetime. */
  Http1ConnectionLifetime lifetime() {
    return lifetime;
  }
}
