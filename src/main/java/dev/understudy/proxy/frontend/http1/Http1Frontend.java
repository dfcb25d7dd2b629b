package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.frontend.ClientMemory;
import dev.understudy.proxy.frontend.ConnectionAdmission;
import dev.understudy.proxy.frontend.ExpressRequest;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.GatewayBridge;
import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.proxy.frontend.RequestBodyCounter;
import dev.understudy.proxy.frontend.RoutedRequest;
import dev.understudy.proxy.frontend.http1.Http1Pipelining.State;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestSanitizer;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.traffic.Limit;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 connection of a client. Passes each message to the lane whose turn it is: {@link
 * Http1Express} or {@link Http1Gateway}. {@link Http1Pipelining} holds the states and the events
 * that end them, {@link Http1Reads} decides when to read, and {@link Http1ConnectionLifetime}
 * limits the waits.
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
  private final Http1Express express;
  private final Http1Gateway gateway;
  private final Http1RemainingBody remainingBody;
  private @Nullable RequestDecoder decoder;

  /** Whether the queued messages are being taken. */
  private boolean taking;

  /** Whether a task of the event loop that takes them is due. */
  private boolean takeScheduled;

  private boolean inputEnded;

  /** The names that the request's {@code Connection} nominated, to be removed from trailers too. */
  private List<String> nominated = List.of();

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1Frontend(Frontend frontend, ChannelHandlerContext ctx) {
    this.frontend = frontend;
    this.ctx = ctx;
    this.pipelining = new Http1Pipelining(this::keepsBytes, ctx.channel()::isWritable);
    this.reads = new Http1Reads(ctx, pipelining);
    this.admission = new ConnectionAdmission(frontend, ctx.channel(), this);
    this.upload = new RequestBodyCounter(frontend.limits());
    this.response = new Http1Response(this, ctx);
    this.express = new Http1Express(this, ctx, frontend, pipelining, response, upload);
    this.gateway = new Http1Gateway(this, pipelining, response);
    this.remainingBody = new Http1RemainingBody(this, ctx, pipelining, upload);
    this.lifetime = new Http1ConnectionLifetime(this, ctx, frontend, pipelining, reads, admission);
  }

  /**
   * Looks the decoder up on first use: it may be put into the pipeline after this handler. Null
   * once the handler is removed, unless it was found before.
   */
  private @Nullable RequestDecoder decoder() {
    if (decoder == null && !ctx.isRemoved()) {
      decoder = ctx.pipeline().get(RequestDecoder.class);
    }
    return decoder;
  }

  @Override
  public long requests() {
    boolean any = pipelining.is(State.EXPRESS) || pipelining.is(State.GATEWAY);
    RequestDecoder known = decoder();
    return (any ? ClientMemory.REQUEST : 0) + (known == null ? 0 : known.heads());
  }

  @Override
  public long undecoded() {
    RequestDecoder known = decoder();
    return known == null ? 0 : known.undecoded();
  }

  private boolean keepsBytes() {
    RequestDecoder known = decoder();
    return known != null && known.keepsBytes();
  }

  /** Whether a part of a request's head has arrived. */
  boolean hasPartOfHead() {
    RequestDecoder known = decoder();
    return known != null && known.hasPart();
  }

  private boolean resume() {
    RequestDecoder known = decoder();
    return known != null && known.resume();
  }

  // Connection events.

  void begin() {
    lifetime.enter();
    reads.read();
  }

  void clientGone() {
    leave();
    express.clientGone();
  }

  /** Ends HTTP on this connection: stops its timeouts and drops the queued messages. */
  void leave() {
    lifetime.leave();
    pipelining.dropLater();
  }

  /** Handles the end of the client's input; the client may still read. */
  void inputEnds() {
    if (!inputEnded) {
      inputEnded = true;
      reads.end();
      endIfNothingIsWhole();
    }
  }

  boolean isInputEnded() {
    return inputEnded;
  }

  /**
   * Closes the connection unless a whole request still awaits its response: an incomplete request
   * stays incomplete.
   */
  private void endIfNothingIsWhole() {
    switch (pipelining.now()) {
      case EXPRESS, GATEWAY -> {
        if (!pipelining.isRequestEnded()) {
          express.clientGone();
          ctx.close();
        }
      }
      case WAITING -> {
        if (!pipelining.hasLater()) {
          remainingBody.finish();
        }
      }
      case REMAINING_BODY, LINGERING -> remainingBody.finish();
      case GIVEN_AWAY -> ctx.close();
    }
  }

  // Messages from the client.

  /** Handles one decoded message. Takes over the reference. */
  void received(Object msg) {
    lifetime.messageCame();
    if (pipelining.is(State.LINGERING)) {
      remainingBody.drop(msg);
    } else if (pipelining.isForLater()) {
      pipelining.putOff(msg);
    } else {
      take(msg);
    }
  }

  private void take(Object msg) {
    if (msg instanceof HttpRequest next && pipelining.is(State.WAITING)) {
      head(next);
    } else if (msg instanceof LastHttpContent last) {
      RequestSanitizer.trailers(last.trailingHeaders(), nominated, frontend.fields());
    }
    switch (pipelining.now()) {
      case GATEWAY, GIVEN_AWAY -> pass(msg);
      case LINGERING -> remainingBody.drop(msg);
      case WAITING, EXPRESS, REMAINING_BODY -> {
        if (msg instanceof HttpContent content) {
          pipelining.piece(content);
          reads.arrived();
          content(content);
        }
      }
    }
  }

  private void content(HttpContent content) {
    if (pipelining.is(State.EXPRESS)) {
      express.content(content);
    } else {
      remainingBody.received(content);
    }
  }

  private void head(HttpRequest next) {
    pipelining.requestBegins();
    reads.arrived();
    upload.begin();
    lifetime.turned();
    ClientConnection from = admission.admit(ctx.channel());
    if (from == null) {
      pipelining.become(State.LINGERING);
      ctx.close();
      return;
    }
    boolean keepAlive = HttpUtil.isKeepAlive(next) && !admission.isLastAllowed();
    String clientTarget = next.uri();
    response.begin(next, keepAlive, HttpUtil.is100ContinueExpected(next));
    int refusal = admission.refusal(next);
    if (refusal != 0) {
      pipelining.become(State.EXPRESS);
      express.refuse(next, clientTarget, from, refusal);
      return;
    }
    nominated = RequestSanitizer.head(next.headers(), from, frontend.trusted(), frontend.fields());
    if (next.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
      // Such a client knows no 1xx: its expectation must be ignored (RFC 9110 §10.1.1).
      next.headers().remove(HttpHeaderNames.EXPECT);
    }
    RoutedRequest routed =
        RoutedRequest.of(frontend, next, clientTarget, from, ctx.channel().eventLoop());
    if (routed instanceof GatewayRequest what) {
      pipelining.become(State.GATEWAY);
      pipelining.handshake(what.handshake());
      gateway.begin(ctx, next, what, keepAlive && !isLastOfAll());
    } else {
      pipelining.become(State.EXPRESS);
      ctx.channel().config().setAutoRead(false);
      express.begin((ExpressRequest) routed);
    }
    RequestDecoder known = decoder();
    if (known != null) {
      // Of other upgrades the Gateway's filters decide later.
      boolean mayUpgrade =
          routed instanceof GatewayRequest
              && UpgradeOffer.isMade(next.protocolVersion(), next.headers());
      known.decided(next, mayUpgrade || pipelining.isHandshake());
    }
  }

  private void pass(Object msg) {
    if (msg instanceof HttpContent content && isRefused(content)) {
      content.release();
      return;
    }
    pipelining.piece(msg);
    reads.arrived();
    lifetime.moved();
    gateway.pass(ctx, msg);
  }

  /**
   * Whether this and all further content of a Gateway request is withheld from Reactor Netty;
   * refuses the request if the content breaks a rule.
   */
  private boolean isRefused(HttpContent content) {
    if (gateway.isRefused()) {
      return true;
    }
    if (content.decoderResult().isFailure()) {
      refuseInGateway(400);
      return true;
    }
    if (pipelining.is(State.GATEWAY) && upload.isTooLongWith(content)) {
      frontend.listener().limited(Limit.BODY_SIZE);
      refuseInGateway(413);
      return true;
    }
    return false;
  }

  private void refuseInGateway(int status) {
    if (!gateway.refuse(status)) {
      response.abort();
    }
  }

  void readIsOver() {
    lifetime.readIsOver();
    RequestDecoder known = decoder();
    if (known != null && pipelining.is(State.LINGERING)) {
      known.refuse();
    }
    gateway.hasAll(ctx);
    reads.goOn();
  }

  // The next request.

  /** Ends the exchange. */
  void next() {
    pipelining.over();
    lifetime.turned();
    if (!taking) {
      awaitNext();
    }
  }

  /**
   * Waits for a request, once the client has read enough of the earlier responses. Messages that
   * are already queued are taken in a later task of the event loop.
   */
  private void awaitNext() {
    if (pipelining.isHeldBack()) {
      return;
    }
    if (pipelining.hasLater()) {
      if (!takeScheduled) {
        takeScheduled = true;
        ctx.channel().eventLoop().execute(this::takeLater);
      }
      return;
    }
    var unused = resume();
    if (inputEnded && !pipelining.hasLater()) {
      remainingBody.finish();
      return;
    }
    reads.read();
    if (lifetime.isDraining()) {
      lifetime.drain();
    }
  }

  /** In a later task: the channel can become writable while a response is being written. */
  private void afterWritable() {
    if (!ctx.isRemoved() && pipelining.is(State.WAITING)) {
      awaitNext();
    }
  }

  private void takeLater() {
    takeScheduled = false;
    if (ctx.isRemoved()) {
      return; // The connection has ended since this task was submitted.
    }
    taking = true;
    for (Object msg = pipelining.pollLater(); msg != null; msg = pipelining.pollLater()) {
      take(msg);
    }
    boolean resumed = pipelining.is(State.WAITING) && !pipelining.isHeldBack() && resume();
    taking = false;
    gateway.hasAll(ctx);
    if (pipelining.is(State.WAITING)) {
      next();
    } else if (!pipelining.hasLater()) {
      if (inputEnded) {
        endIfNothingIsWhole();
      } else {
        reads.catchUp();
      }
    }
    if (resumed) {
      lifetime.readIsOver();
    }
  }

  // Calls from the Gateway lane.

  void gatewayWantsMore() {
    if (!pipelining.is(State.GATEWAY) || !gateway.isRefused()) {
      reads.gatewayWants();
    }
  }

  /**
   * Handles Reactor Netty's close of the channel after a whole response. Returns true if the
   * frontend closes the connection in stages instead, because the client may still be sending.
   */
  boolean gatewayCloses() {
    boolean ours = pipelining.is(State.GATEWAY) && gateway.isOver() && !hasNothingMore();
    if (ours) {
      lastResponseEnded();
    }
    return ours;
  }

  void gatewayWrites(Object msg, ChannelPromise promise) {
    if (pipelining.is(State.GATEWAY)) {
      lifetime.moved();
      gateway.write(ctx, msg, promise);
    } else if (pipelining.is(State.LINGERING) && msg instanceof HttpObject) {
      GatewayBridge.discard(msg, promise);
    } else {
      ctx.write(msg, promise);
    }
  }

  // Calls from the response.

  boolean isRequestEnded() {
    return pipelining.isRequestEnded();
  }

  /** Whether the client is known to have sent neither more of this request nor another request. */
  boolean hasNothingMore() {
    return inputEnded || (pipelining.isRequestEnded() && !pipelining.hasLater());
  }

  /**
   * Whether the present response is the last on this connection: the process is stopping or the
   * client's input has ended, and no other request is queued; or the connection was retired, of
   * which queued requests are dropped (RFC 9112 §9.6), so that it ends.
   */
  boolean isLastOfAll() {
    return lifetime.isRetired()
        || ((inputEnded || lifetime.isStopping()) && !pipelining.hasLaterRequest());
  }

  /** Restarts the wait: bytes came from the client or were written to it. */
  void moved() {
    lifetime.moved();
  }

  /**
   * Handles a change of the channel's writability. Returns true if Reactor Netty must be notified
   * too.
   */
  boolean writabilityChanged() {
    lifetime.moved();
    if (pipelining.is(State.WAITING) && ctx.channel().isWritable()) {
      ctx.channel().eventLoop().execute(this::afterWritable);
    }
    if (express.writabilityChanged() || !pipelining.is(State.GATEWAY)) {
      return false;
    }
    gateway.writabilityChanged();
    return true;
  }

  /** Reads more of the request for the engine. */
  void readWanted() {
    lifetime.moved();
    reads.want();
  }

  /** Handles the end of a response after which the connection stays open. */
  void responseEnded() {
    over();
    if (pipelining.isRequestEnded()) {
      next();
    } else {
      remainingBody.begin(State.REMAINING_BODY);
      reads.read();
    }
  }

  /** Handles the end of the last response on this connection. */
  void lastResponseEnded() {
    over();
    remainingBody.end(hasNothingMore());
  }

  private void over() {
    express.over();
    gateway.over();
  }

  /** Starts the limits on the remaining body, which is dropped. */
  void remainingBodyBegins() {
    lifetime.remainingBodyBegins();
  }

  /** Handles the end of a remaining body: the next request may begin. */
  void remainingBodyEnded() {
    if (pipelining.is(State.REMAINING_BODY)) {
      gateway.remainingBodyEnded(ctx);
      next();
    }
  }

  /**
   * Handles a client that neither sends nor reads for {@code understudy.client.idle}: 408 if the
   * request is incomplete and its response has not begun, else the connection is reset.
   */
  void clientIsIdle() {
    switch (pipelining.now()) {
      case EXPRESS -> express.clientIsIdle();
      case GATEWAY -> gateway.clientIsIdle();
      default -> response.abort();
    }
  }

  /** Responds with 408: a request's head has begun, and was not complete in time. */
  void headIsLate() {
    express.headIsLate();
  }

  /** Handles a reset of the connection. */
  void broken() {
    over();
    pipelining.become(State.LINGERING);
  }

  /** Hands the channel over to a tunnel. */
  void givenAway() {
    over();
    pipelining.become(State.GIVEN_AWAY);
  }

  /** Returns the connection's lifetime. */
  Http1ConnectionLifetime lifetime() {
    return lifetime;
  }
}
