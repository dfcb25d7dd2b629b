package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.front.ConnectionAdmission;
import dev.understudy.proxy.front.ExpressTurn;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.front.RequestAdmission;
import dev.understudy.proxy.front.Upload;
import dev.understudy.proxy.front.http1.Http1Turns.Turn;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestSanitizer;
import dev.understudy.proxy.http.WebSocketHandshake;
import dev.understudy.traffic.Limit;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 connection of a client: gives what comes to whose turn it is, {@link Http1Express}'s
 * or {@link Http1Gateway}'s. Which turns there are and what ends them is in {@link Http1Turns};
 * when it is read, in {@link Http1Reads}; how long it may wait, in {@link Http1Timeouts}.
 *
 * <p>A client that ends its output alone (RFC 9293 §3.6, or TLS {@code close_notify}) gets the
 * responses to the requests that came whole, as with HAProxy without {@code abortonclose}. One that
 * closed its socket looks the same until it resets the connection, as it does at the first byte of
 * a response; that cancels the request. Until then {@code hold.time} and the pool's time-outs bound
 * it.
 */
// A write that fails closes the channel, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Front {
  private final FrontDoor door;
  private final ChannelHandlerContext ctx;
  private final Http1Turns turns = new Http1Turns(this::keepsBytes);
  private final Http1Reads reads;
  private final Http1Timeouts timeouts;
  private final ConnectionAdmission admission;
  private final Upload upload;
  private final Http1Response response;
  private final Http1Express express;
  private final Http1Gateway gateway;
  private final Http1Rest rest;
  private @Nullable RequestDecoder decoder;
  private boolean takingLater;
  private boolean inputEnded;

  /** By the request's head, for its trailers. */
  private List<String> nominated = List.of();

  /**
   * @param ctx of its handler
   */
  Http1Front(FrontDoor door, ChannelHandlerContext ctx) {
    this.door = door;
    this.ctx = ctx;
    this.reads = new Http1Reads(ctx, turns);
    this.admission = new ConnectionAdmission(door);
    this.upload = new Upload(door.limits());
    this.response = new Http1Response(this, ctx);
    this.express = new Http1Express(this, ctx, door, turns, response, upload);
    this.gateway = new Http1Gateway(this, turns);
    this.rest = new Http1Rest(this, ctx, turns, upload);
    this.timeouts = new Http1Timeouts(this, ctx, door, turns, reads, admission);
  }

  /** Known late: it may replace another after this was added. */
  private @Nullable RequestDecoder decoder() {
    RequestDecoder known = decoder;
    if (known == null && !ctx.isRemoved()) {
      known = ctx.pipeline().get(RequestDecoder.class);
      decoder = known;
    }
    return known;
  }

  private boolean keepsBytes() {
    RequestDecoder known = decoder();
    return known != null && known.keepsBytes();
  }

  private boolean resume() {
    RequestDecoder known = decoder();
    return known != null && known.resume();
  }

  // The connection.

  void begin() {
    timeouts.enter();
    reads.read();
  }

  void clientGone() {
    leave();
    express.clientGone();
  }

  /** HTTP has ended. */
  void leave() {
    timeouts.leave();
    turns.dropLater();
  }

  /** The client sends nothing more, but may still read. */
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

  /** Input has ended: what came in part stays so, and a tunnel would have but one direction. */
  private void endIfNothingIsWhole() {
    switch (turns.now()) {
      case EXPRESS, GATEWAY -> {
        if (!turns.isRequestEnded() || turns.isHandshake()) {
          express.clientGone();
          ctx.close();
        }
      }
      case WAITING -> {
        if (!turns.hasLater()) {
          rest.finish();
        }
      }
      case LEFTOVER, LINGERING -> rest.finish();
      case GIVEN_AWAY -> ctx.close();
    }
  }

  // What comes from the client.

  /** Takes over the reference. */
  void received(Object msg) {
    timeouts.messageCame();
    if (turns.is(Turn.LINGERING)) {
      rest.drop(msg);
    } else if (turns.isForLater()) {
      turns.putOff(msg);
    } else {
      take(msg);
    }
  }

  private void take(Object msg) {
    if (msg instanceof HttpRequest next && turns.is(Turn.WAITING)) {
      head(next);
    } else if (!nominated.isEmpty() && msg instanceof LastHttpContent last) {
      RequestSanitizer.trailers(last.trailingHeaders(), nominated);
    }
    switch (turns.now()) {
      case GATEWAY, GIVEN_AWAY -> pass(msg);
      case LINGERING -> rest.drop(msg);
      case WAITING, EXPRESS, LEFTOVER -> {
        if (msg instanceof HttpContent content) {
          turns.piece(content);
          reads.arrived();
          content(content);
        }
      }
    }
  }

  private void content(HttpContent content) {
    if (turns.is(Turn.EXPRESS)) {
      express.content(content);
    } else {
      rest.left(content);
    }
  }

  private void head(HttpRequest next) {
    turns.requestBegins();
    reads.arrived();
    upload.begin();
    timeouts.turned();
    ClientConnection from = admission.admit(ctx.channel());
    if (from == null) {
      turns.become(Turn.LINGERING);
      ctx.close();
      return;
    }
    boolean keepAlive = HttpUtil.isKeepAlive(next) && !admission.isLastAllowed();
    String clientTarget = next.uri();
    response.begin(next, keepAlive, HttpUtil.is100ContinueExpected(next));
    int refusal = RequestAdmission.refusal(next, door.limits(), door.listener());
    if (refusal == 0 && admission.isMisdirected(next)) {
      refusal = 421;
    }
    if (refusal != 0) {
      turns.become(Turn.EXPRESS);
      express.refuse(next, clientTarget, from, refusal);
      return;
    }
    nominated = RequestSanitizer.head(next.headers(), from, door.trusted());
    ExpressTurn what = ExpressTurn.of(door, next, clientTarget, from);
    if (what == null) {
      turns.become(Turn.GATEWAY);
      turns.handshake(
          WebSocketHandshake.isRelayed(
              next.method(),
              next.protocolVersion(),
              next.headers(),
              RequestAdmission.hasBody(next)));
      gateway.begin(next, keepAlive && !isLastOfAll());
    } else {
      turns.become(Turn.EXPRESS);
      ctx.channel().config().setAutoRead(false);
      express.begin(next, what);
    }
    if (turns.isHandshake()) {
      Objects.requireNonNull(decoder()).hold();
    }
  }

  private void pass(Object msg) {
    if (msg instanceof HttpContent content && isRefused(content)) {
      content.release();
      return;
    }
    turns.piece(msg);
    reads.arrived();
    timeouts.moved();
    gateway.pass(ctx, msg);
  }

  /** Whether a piece of a request in the Gateway does not go on, nor what follows it. */
  private boolean isRefused(HttpContent content) {
    if (gateway.isRefused()) {
      return true;
    }
    if (content.decoderResult().isFailure()) {
      refuseInGateway(400);
      return true;
    }
    if (turns.is(Turn.GATEWAY) && upload.isTooLongWith(content)) {
      door.listener().limited(Limit.BODY_SIZE);
      refuseInGateway(413);
      return true;
    }
    return false;
  }

  private void refuseInGateway(int status) {
    if (!gateway.refuse(ctx, status)) {
      response.abort();
    }
  }

  void readIsOver() {
    timeouts.readIsOver();
    RequestDecoder known = decoder();
    if (known != null && turns.is(Turn.LINGERING)) {
      known.refuse();
    }
    gateway.hasAll(ctx);
    reads.goOn();
  }

  // The next request.

  /** The turn is over; what has come meanwhile is taken after the present call. */
  void next() {
    turns.over();
    timeouts.turned();
    if (takingLater) {
      return;
    }
    if (turns.hasLater()) {
      ctx.channel().eventLoop().execute(this::takeLater);
      return;
    }
    var unused = resume();
    if (isLastOfAll()) {
      rest.finish();
    } else {
      reads.read();
    }
  }

  private void takeLater() {
    if (ctx.isRemoved()) {
      return; // The connection has ended since this was asked for.
    }
    takingLater = true;
    for (Object msg = turns.takeLater(); msg != null; msg = turns.takeLater()) {
      take(msg);
    }
    boolean resumed = turns.is(Turn.WAITING) && resume();
    takingLater = false;
    gateway.hasAll(ctx);
    if (turns.is(Turn.WAITING)) {
      next();
    } else if (!turns.hasLater()) {
      if (inputEnded) {
        endIfNothingIsWhole();
      } else {
        reads.catchUp();
      }
    }
    if (resumed) {
      timeouts.readIsOver();
    }
  }

  // The Gateway.

  void gatewayWantsMore() {
    if (!turns.is(Turn.GATEWAY) || !gateway.isRefused()) {
      reads.gatewayWants();
    }
  }

  /** Returns whether that is left to us: the client may still be sending. */
  boolean gatewayCloses() {
    boolean ours = turns.is(Turn.GATEWAY) && gateway.isOver() && !hasNothingMore();
    if (ours) {
      answeredForTheLastTime();
    }
    return ours;
  }

  void gatewayWrites(Object msg, ChannelPromise promise) {
    if (turns.is(Turn.GATEWAY)) {
      timeouts.moved();
      gateway.write(ctx, msg, promise);
    } else if (turns.is(Turn.LINGERING) && msg instanceof HttpObject) {
      // Of a response that was broken off: its end would make it look whole.
      ReferenceCountUtil.release(msg);
      promise.tryFailure(new ClosedChannelException());
    } else {
      ctx.write(msg, promise);
    }
  }

  /** The head of its final response. */
  void gatewayResponses(HttpResponse head) {
    response.framed(head);
  }

  /** Its response has begun, and can't be ended. */
  void gatewayBreaksOff() {
    if (turns.is(Turn.GATEWAY)) {
      response.breakOff();
    }
  }

  // What the response brings about.

  boolean isRequestEnded() {
    return turns.isRequestEnded();
  }

  /** Neither the rest of this request nor another one is on its way, as far as is known. */
  boolean hasNothingMore() {
    return inputEnded || (turns.isRequestEnded() && !turns.hasLater());
  }

  /** We are stopping or the client is, and nothing has come after this request. */
  boolean isLastOfAll() {
    return (inputEnded || door.isStopping()) && !turns.hasLater();
  }

  /** Something came from the client, or was written to it. */
  void moved() {
    timeouts.moved();
  }

  /** Returns whether the Gateway is to know too. */
  boolean writabilityChanged() {
    timeouts.moved();
    return !express.writabilityChanged() && turns.is(Turn.GATEWAY);
  }

  /** The engine wants more of the request. */
  void readWanted() {
    timeouts.moved();
    reads.want();
  }

  /** The response is written, and the connection stays. */
  void answered() {
    express.over();
    if (turns.isRequestEnded()) {
      next();
    } else {
      rest.begin(Turn.LEFTOVER);
      reads.read();
    }
  }

  /** The last response is written. */
  void answeredForTheLastTime() {
    express.over();
    rest.end(hasNothingMore());
  }

  /** What comes is dropped from now on. */
  void restBegins() {
    timeouts.restBegins();
  }

  /** The request that was answered has ended. */
  void restEnded() {
    if (turns.is(Turn.LEFTOVER)) {
      gateway.restEnded(ctx);
      next();
    }
  }

  /** The client neither sends nor reads what it should. */
  void clientIsIdle() {
    if (!turns.is(Turn.GATEWAY)) {
      express.clientIsIdle();
    } else if (turns.isRequestEnded() || gateway.isRefused() || !gateway.refuse(ctx, 408)) {
      response.abort();
    } else {
      timeouts.moved();
    }
  }

  /** A head has begun and does not end. */
  void headIsLate() {
    express.headIsLate();
  }

  /** The connection is broken off. */
  void broken() {
    express.over();
    turns.become(Turn.LINGERING);
  }

  /** The channel is a tunnel's. */
  void givenAway() {
    express.over();
    turns.become(Turn.GIVEN_AWAY);
  }

  /** Its waits. */
  Http1Timeouts timeouts() {
    return timeouts;
  }
}
