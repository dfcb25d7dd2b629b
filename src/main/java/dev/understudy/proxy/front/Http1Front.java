package dev.understudy.proxy.front;

import dev.understudy.proxy.ClientConnection;
import dev.understudy.proxy.Limit;
import dev.understudy.proxy.RequestSanitizer;
import dev.understudy.proxy.front.Http1Turns.Turn;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * One HTTP/1 connection of a client: gives what comes to whose turn it is, {@link Http1Express}'s
 * or {@link Http1Gateway}'s. Which turns there are and what ends them is in {@link Http1Turns};
 * when it is read, in {@link Http1Reads}; how long it may wait, in {@link Http1Timeouts}.
 */
// A write that fails closes the channel, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Front {
  private final FrontDoor door;
  private final ChannelHandlerContext ctx;
  private final Http1Turns turns = new Http1Turns();
  private final Http1Reads reads;
  private final Http1Timeouts timeouts;
  private final Admission admission;
  private final Upload upload;
  private final Http1Answer answer;
  private final Http1Express express;
  private final Http1Gateway gateway;
  private boolean takingLater;

  /** By the request's head, for its trailers. */
  private List<String> nominated = List.of();

  /**
   * @param ctx of its handler
   */
  Http1Front(FrontDoor door, ChannelHandlerContext ctx) {
    this.door = door;
    this.ctx = ctx;
    this.reads = new Http1Reads(ctx, turns);
    this.admission = new Admission(door);
    this.upload = new Upload(door.limits());
    this.answer = new Http1Answer(this, ctx);
    this.express = new Http1Express(this, ctx, door, turns, answer, upload);
    this.timeouts = new Http1Timeouts(express, ctx, door, turns, reads, admission);
    this.gateway = new Http1Gateway(this, turns);
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

  // What comes from the client.

  /** Takes over the reference. */
  void received(Object msg) {
    timeouts.messageCame();
    if (turns.is(Turn.LINGERING)) {
      express.drop(msg);
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
      case LINGERING -> express.drop(msg);
      case WAITING, EXPRESS, LEFTOVER -> {
        if (msg instanceof HttpContent content) {
          turns.piece(content);
          reads.arrived();
          express.content(content);
        }
      }
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
    answer.begin(next, keepAlive, HttpUtil.is100ContinueExpected(next));
    int refusal = Reception.refusal(next, door.limits(), door.listener());
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
      gateway.begin(next, keepAlive && !isLastOfAll());
    } else {
      turns.become(Turn.EXPRESS);
      ctx.channel().config().setAutoRead(false);
      express.begin(next, what);
    }
  }

  private void pass(Object msg) {
    if (msg instanceof HttpContent content && upload.isTooLongWith(content)) {
      content.release();
      door.listener().limited(Limit.BODY_SIZE);
      answer.abort();
      return;
    }
    turns.piece(msg);
    reads.arrived();
    timeouts.moved();
    gateway.pass(ctx, msg);
  }

  void readIsOver() {
    timeouts.readIsOver();
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
    } else if (door.isStopping()) {
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      reads.read();
    }
  }

  private void takeLater() {
    takingLater = true;
    for (Object msg = turns.takeLater(); msg != null; msg = turns.takeLater()) {
      take(msg);
    }
    takingLater = false;
    gateway.hasAll(ctx);
    if (turns.hasLater()) {
      return;
    }
    if (turns.is(Turn.WAITING)) {
      next();
    } else {
      reads.catchUp();
    }
  }

  // The Gateway.

  boolean isGatewaysTurn() {
    return turns.is(Turn.GATEWAY);
  }

  void gatewayWantsMore() {
    reads.gatewayWants();
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
  void gatewayAnswers(HttpResponse head) {
    answer.framed(head);
  }

  /** Its response has begun, and can't be ended. */
  void gatewayBreaksOff() {
    if (turns.is(Turn.GATEWAY)) {
      answer.breakOff();
    }
  }

  // What the answer brings about.

  boolean isRequestEnded() {
    return turns.isRequestEnded();
  }

  /** Neither the rest of this request nor another one is on its way, as far as is known. */
  boolean hasNothingMore() {
    return turns.isRequestEnded() && !turns.hasLater();
  }

  /** We are stopping, and nothing has come after this request. */
  boolean isLastOfAll() {
    return door.isStopping() && !turns.hasLater();
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

  /** The answer is written, and the connection stays. */
  void answered() {
    express.over();
    if (turns.isRequestEnded()) {
      next();
    } else {
      dropRest(Turn.LEFTOVER);
      reads.read();
    }
  }

  /** The last answer is about to be written. */
  void answeredForTheLastTime() {
    express.over();
    dropRest(Turn.LINGERING);
  }

  private void dropRest(Turn next) {
    turns.become(next);
    upload.begin();
    timeouts.moved();
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
