package dev.understudy.proxy.front;

import dev.understudy.proxy.ClientConnection;
import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.Limit;
import dev.understudy.proxy.route.CompiledRoute;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1 connection of a client, right after the codec: one request at a time, in either lane,
 * in the order in which they came.
 *
 * <table>
 *   <caption>Turns and what may follow</caption>
 *   <tr><td>WAITING for a request's head</td><td>EXPRESS, GATEWAY, LINGERING</td></tr>
 *   <tr><td>EXPRESS: the engine has it, or a step has answered</td>
 *       <td>WAITING, LEFTOVER, LINGERING, GIVEN_AWAY</td></tr>
 *   <tr><td>GATEWAY: everything passes</td><td>WAITING, GIVEN_AWAY</td></tr>
 *   <tr><td>LEFTOVER: answered, the rest of the request is dropped</td><td>WAITING</td></tr>
 *   <tr><td>LINGERING: the last answer is out; what comes is dropped (RFC 9112 §9.6)</td>
 *       <td></td></tr>
 *   <tr><td>GIVEN_AWAY: HTTP has ended</td><td></td></tr>
 * </table>
 *
 * <p>Whatever comes after the end of the request whose turn it is waits in a queue, and while
 * anything waits nothing is read: so the queue is bounded by one read.
 */
// A write that fails closes the channel, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Front extends ChannelDuplexHandler implements FrontLoop.Member {
  private enum Turn {
    WAITING,
    EXPRESS,
    GATEWAY,
    LEFTOVER,
    LINGERING,
    GIVEN_AWAY
  }

  private final FrontDoor door;
  private final FrontLimits limits;
  private final Upload upload;
  private @Nullable ChannelHandlerContext context;
  private @Nullable FrontLoop loop;
  private @Nullable Patience patience;
  private @Nullable ClientConnection client;
  private int slot = -1;

  private Turn turn = Turn.WAITING;
  private @Nullable Http1Answer answer;
  private @Nullable Exchange exchange;
  private @Nullable ArrayDeque<Object> later;
  private int requests;

  private boolean requestEnded;
  private boolean handshake;
  private boolean readWanted;

  /** Reactor Netty has asked for more while something waited. */
  private boolean readPutOff;

  private boolean gatewayAnswered;

  /** Bytes of a head have come, but not its end. */
  private boolean headBegun;

  private boolean anyMessage;
  private boolean passedOn;
  private boolean takingLater;

  private long leftoverBytes;

  Http1Front(FrontDoor door) {
    this.door = door;
    this.limits = door.limits();
    this.upload = new Upload(limits);
  }

  // The connection.

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    answer = new Http1Answer(this, ctx);
    if (ctx.channel().isActive()) {
      begin(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    begin(ctx);
    ctx.fireChannelActive();
  }

  private void begin(ChannelHandlerContext ctx) {
    if (loop == null) {
      FrontLoop own = door.on(ctx.channel().eventLoop());
      loop = own;
      own.enter(this);
      patience = new Patience(own);
      ctx.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    leave();
    Exchange gone = exchange;
    exchange = null;
    if (gone != null) {
      gone.clientGone();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    leave();
  }

  private void leave() {
    FrontLoop from = loop;
    if (from != null) {
      from.leave(this);
    }
    ArrayDeque<Object> dropped = later;
    later = null;
    if (dropped != null) {
      dropped.forEach(ReferenceCountUtil::release);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (turn == Turn.GATEWAY) {
      ctx.fireExceptionCaught(cause);
    } else {
      ctx.close();
    }
  }

  // What comes from the client.

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    anyMessage = true;
    if (turn == Turn.LINGERING) {
      drop(ctx, msg);
    } else if (isForLater()) {
      if (later == null) {
        later = new ArrayDeque<>(4);
      }
      later.add(msg);
    } else {
      take(ctx, msg);
    }
  }

  /** It is behind a request whose turn is not over, or behind others that wait for that. */
  private boolean isForLater() {
    return hasQueue() || isTurnOfAWholeRequest();
  }

  private boolean hasQueue() {
    return later != null && !later.isEmpty();
  }

  /** We are stopping, and nothing has come after this request. */
  boolean isLastOfAll() {
    return door.isStopping() && !hasQueue();
  }

  private boolean isTurnOfAWholeRequest() {
    return requestEnded && (turn == Turn.EXPRESS || turn == Turn.GATEWAY);
  }

  private void take(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof HttpRequest next && turn == Turn.WAITING) {
      head(ctx, next);
    }
    if (turn == Turn.GATEWAY || turn == Turn.GIVEN_AWAY) {
      pass(ctx, msg);
    } else if (turn == Turn.LINGERING) {
      drop(ctx, msg);
    } else if (msg instanceof HttpContent content) {
      content(ctx, content);
    }
  }

  private void pass(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof HttpContent content && upload.isTooLongWith(content)) {
      content.release();
      door.listener().limited(Limit.BODY_SIZE);
      answer().abort();
      return;
    }
    requestEnded |= msg instanceof LastHttpContent;
    readWanted = false;
    passedOn = true;
    moved();
    ctx.fireChannelRead(msg);
    if (requestEnded && gatewayAnswered && turn == Turn.GATEWAY) {
      next(ctx);
    }
  }

  private void head(ChannelHandlerContext ctx, HttpRequest next) {
    handshake = false;
    gatewayAnswered = false;
    requestEnded = false;
    headBegun = false;
    readWanted = false;
    upload.begin();
    requests++;
    moved();
    if (client == null && isOneTooMany(ctx.channel())) {
      turn = Turn.LINGERING;
      ctx.close();
      return;
    }
    ClientConnection from = client(ctx);
    boolean keepAlive = HttpUtil.isKeepAlive(next) && !isLastAllowed();
    answer().begin(next, keepAlive, HttpUtil.is100ContinueExpected(next));
    int refusal = Reception.refusal(next, limits, door.listener());
    if (refusal != 0) {
      turn = Turn.EXPRESS;
      refuse(next, refusal);
      return;
    }
    String target = RequestTarget.originForm(next.uri());
    String path = RequestTarget.normalisedPath(target);
    CompiledRoute route =
        door.routes().find(next.method(), next.headers().get(HttpHeaderNames.HOST), path);
    if (route == null) {
      turn = Turn.GATEWAY;
      if (!keepAlive || isLastOfAll()) {
        // Beside what it names already, which must not go on.
        next.headers().add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      }
      RequestTarget.mend(next, target, path);
    } else {
      turn = Turn.EXPRESS;
      ctx.channel().config().setAutoRead(false);
      express(ctx, next, new ExpressTurn(door, route, next, target, path, from));
    }
  }

  /** Who was not known when the connection was accepted may have too many. */
  private boolean isOneTooMany(Channel channel) {
    InetSocketAddress proxied = ClientAddress.fromProxyProtocol(channel);
    return proxied != null && !door.connections().admit(channel, proxied.getAddress());
  }

  private ClientConnection client(ChannelHandlerContext ctx) {
    ClientConnection known = client;
    if (known == null) {
      known = ClientAddress.of(ctx.channel());
      client = known;
    }
    return known;
  }

  private boolean isLastAllowed() {
    OptionalInt max = limits.maxRequestsPerConnection();
    if (max.isEmpty() || requests < max.getAsInt()) {
      return false;
    }
    door.listener().limited(Limit.REQUESTS_PER_CONNECTION);
    return true;
  }

  private void express(ChannelHandlerContext ctx, HttpRequest next, ExpressTurn what) {
    answer().by(what);
    Exchange started = what.begin(answer(), Reception.hasBody(next), ctx.channel().eventLoop());
    handshake = what.isHandshake();
    if (started != null) {
      exchange = started;
      started.start();
    }
  }

  private void content(ChannelHandlerContext ctx, HttpContent content) {
    requestEnded |= content instanceof LastHttpContent;
    readWanted = false;
    answer().bodyBegins();
    if (turn == Turn.LEFTOVER) {
      leftover(ctx, content);
      return;
    }
    moved();
    Exchange to = exchange;
    if (to == null) {
      content.release();
    } else if (content.decoderResult().isFailure()) {
      content.release();
      answer().isLast();
      to.refuse(400);
    } else if (upload.isTooLongWith(content)) {
      content.release();
      door.listener().limited(Limit.BODY_SIZE);
      answer().isLast();
      to.refuse(413);
    } else {
      Upload.deliver(to, content);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (turn == Turn.WAITING && !anyMessage && !headBegun) {
      headBegun();
    }
    anyMessage = false;
    if (passedOn || turn == Turn.GIVEN_AWAY) {
      passedOn = false;
      ctx.fireChannelReadComplete();
    }
    readOn(ctx);
  }

  private void readOn(ChannelHandlerContext ctx) {
    switch (turn) {
      case WAITING -> {
        if (!hasQueue()) {
          ctx.read();
        }
      }
      case EXPRESS -> {
        if (requestEnded ? mayReadAhead() : readWanted) {
          ctx.read();
        }
      }
      case LEFTOVER, LINGERING -> ctx.read();
      case GATEWAY, GIVEN_AWAY -> {}
    }
  }

  /** Of a new connection the time runs since it was taken. */
  private void headBegun() {
    headBegun = true;
    if (requests > 0) {
      moved();
    }
  }

  /** One read is outstanding while an answer is awaited: that is how aborts are seen. */
  private boolean mayReadAhead() {
    return !hasQueue() && !handshake;
  }

  /** Reactor Netty asks for more, maybe by auto-read. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (turn == Turn.GIVEN_AWAY || (turn != Turn.EXPRESS && mayReadAhead())) {
      readWanted = true;
      ctx.read();
    } else {
      readPutOff = true;
    }
  }

  // The next request.

  /** The turn is over; what has come meanwhile is taken after the present call. */
  private void next(ChannelHandlerContext ctx) {
    turn = Turn.WAITING;
    handshake = false;
    headBegun = false;
    moved();
    if (takingLater) {
      return;
    }
    if (hasQueue()) {
      ctx.channel().eventLoop().execute(() -> takeLater(ctx));
    } else if (door.isStopping()) {
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      ctx.read();
    }
  }

  private void takeLater(ChannelHandlerContext ctx) {
    takingLater = true;
    ArrayDeque<Object> queue = later;
    while (queue != null && !queue.isEmpty() && !isTurnOfAWholeRequest()) {
      take(ctx, queue.poll());
      queue = later;
    }
    takingLater = false;
    if (passedOn) {
      passedOn = false;
      ctx.fireChannelReadComplete();
    }
    if (turn == Turn.WAITING && !hasQueue()) {
      next(ctx);
    } else if (turn == Turn.GATEWAY && !hasQueue() && readPutOff) {
      readPutOff = false;
      read(ctx);
    } else if (!hasQueue()) {
      readOn(ctx);
    }
  }

  // The Gateway's answer.

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (turn != Turn.GATEWAY) {
      ctx.write(msg, promise);
      return;
    }
    moved();
    if (msg instanceof HttpResponse response && response.status().code() < 200) {
      ctx.write(msg, promise);
      if (response.status().code() == 101) {
        turn = Turn.GIVEN_AWAY;
      }
      return;
    }
    if (msg instanceof HttpResponse response) {
      speakOurVersion(response);
    }
    if (msg instanceof LastHttpContent) {
      ctx.write(msg, promise.unvoid())
          .addListener(written -> ctx.channel().eventLoop().execute(() -> answeredByGateway(ctx)));
    } else {
      ctx.write(msg, promise);
    }
  }

  /** Reactor Netty answers with the client's version; ours it is (RFC 9110 §2.5). */
  private static void speakOurVersion(HttpResponse answer) {
    boolean kept = HttpUtil.isKeepAlive(answer);
    if (HttpVersion.HTTP_1_0.equals(answer.protocolVersion())) {
      answer.setProtocolVersion(HttpVersion.HTTP_1_1);
      answer
          .headers()
          .set(
              HttpHeaderNames.CONNECTION,
              kept ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
    }
  }

  private void answeredByGateway(ChannelHandlerContext ctx) {
    if (turn != Turn.GATEWAY) {
      return;
    }
    gatewayAnswered = true;
    if (requestEnded) {
      next(ctx);
    }
  }

  // What the engine's answer brings about.

  boolean isRequestEnded() {
    return requestEnded;
  }

  /** Neither the rest of this request nor another one is on its way, as far as is known. */
  boolean hasNothingMore() {
    return requestEnded && !hasQueue();
  }

  /** The engine wants more of the request. */
  void readWanted() {
    readWanted = true;
    moved();
    context().read();
  }

  /** The answer is written, and the connection stays. */
  void answered() {
    exchange = null;
    if (requestEnded) {
      next(context());
    } else {
      turn = Turn.LEFTOVER;
      leftoverBytes = 0;
      moved();
      context().read();
    }
  }

  /** The last answer is about to be written. */
  void answeredForTheLastTime() {
    exchange = null;
    turn = Turn.LINGERING;
    leftoverBytes = 0;
    moved();
  }

  /** The connection is broken off. */
  void broken() {
    exchange = null;
    turn = Turn.LINGERING;
  }

  /** The channel is a tunnel's. */
  void givenAway() {
    exchange = null;
    turn = Turn.GIVEN_AWAY;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    moved();
    Exchange running = exchange;
    if (running != null) {
      running.writabilityChanged();
    } else if (turn == Turn.GATEWAY) {
      ctx.fireChannelWritabilityChanged();
    }
  }

  // Bad ends.

  /** What came is no request that can be forwarded. */
  private void refuse(HttpRequest refused, int status) {
    answer().isLast();
    LocalReply.refuse(door, answer(), refused, client(context()), loop().ids(), status);
  }

  private void leftover(ChannelHandlerContext ctx, HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    drop(ctx, content);
    if (last && turn == Turn.LEFTOVER) {
      next(ctx);
    }
  }

  private void drop(ChannelHandlerContext ctx, Object msg) {
    leftoverBytes += msg instanceof HttpContent content ? content.content().readableBytes() : 0;
    ReferenceCountUtil.release(msg);
    if (leftoverBytes > Leftover.MAX_BYTES) {
      ctx.close();
    } else if (msg instanceof LastHttpContent) {
      answer().closeWhenWritten();
    }
  }

  // Time.

  @Override
  public int slot() {
    return slot;
  }

  @Override
  public void slot(int given) {
    slot = given;
  }

  /** Something came from the client, or was written to it. */
  void moved() {
    patience().moved();
  }

  @Override
  public void sweep(long nowClock) {
    long waited = patience().waited(nowClock);
    switch (turn) {
      case WAITING -> {
        boolean slow = headBegun || requests == 0;
        if (waited >= (slow ? limits.headerTimeout() : limits.keepAlive()).toNanos()) {
          noRequest(slow);
        }
      }
      case EXPRESS, GATEWAY -> {
        boolean wanted = !requestEnded && readWanted;
        if (patience().isClientsTurn(context().channel(), wanted)
            && waited >= limits.idle().toNanos()) {
          idle();
        }
      }
      case LEFTOVER, LINGERING -> {
        if (waited >= Leftover.MAX_NANOS) {
          context().close();
        }
      }
      case GIVEN_AWAY -> {}
    }
  }

  @Override
  public long waitingSince() {
    return turn == Turn.WAITING ? patience().since() : NOT_WAITING;
  }

  @Override
  public void shed() {
    context().close();
  }

  private void noRequest(boolean slow) {
    if (slow) {
      door.listener().limited(Limit.HEADER_TIME);
    }
    if (headBegun) {
      HttpRequest unknown = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
      requestEnded = false;
      answer().begin(unknown, false, false);
      LocalReply.send(answer(), unknown, 408, loop().ids().keepOrMake(null));
    } else {
      closeUnlessAsked();
    }
  }

  /**
   * Ends a connection that waits for a request, unless one has arrived and only has not been read:
   * what is scheduled, other than what is executed, comes after the loop's next input.
   */
  private void closeUnlessAsked() {
    int asked = requests;
    var unused =
        loop()
            .loop()
            .schedule(
                () -> {
                  if (turn == Turn.WAITING && requests == asked && !headBegun) {
                    context().close();
                  }
                },
                0,
                TimeUnit.NANOSECONDS);
  }

  private void idle() {
    door.listener().limited(Limit.CLIENT_IDLE);
    Exchange running = exchange;
    if (running != null && !requestEnded) {
      answer().isLast();
      running.refuse(408);
    } else {
      exchange = null;
      if (running != null) {
        running.clientGone();
      }
      answer().abort();
    }
  }

  @Override
  public void drain() {
    if (turn == Turn.WAITING && !headBegun && !hasQueue()) {
      closeUnlessAsked();
    }
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  private FrontLoop loop() {
    return Objects.requireNonNull(loop);
  }

  private Patience patience() {
    return Objects.requireNonNull(patience);
  }

  private Http1Answer answer() {
    return Objects.requireNonNull(answer);
  }
}
