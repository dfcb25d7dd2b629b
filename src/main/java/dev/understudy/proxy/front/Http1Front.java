package dev.understudy.proxy.front;

import dev.understudy.proxy.ClientConnection;
import dev.understudy.proxy.ClientHeaders;
import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.Limit;
import dev.understudy.proxy.PendingBytes;
import dev.understudy.proxy.route.CompiledRoute;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
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
final class Http1Front extends ChannelDuplexHandler implements Downstream, FrontLoop.Member {
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
  private @Nullable ChannelHandlerContext context;
  private @Nullable FrontLoop loop;
  private @Nullable Patience patience;
  private @Nullable ClientConnection client;
  private int slot = -1;

  private Turn turn = Turn.WAITING;
  private @Nullable HttpRequest request;
  private @Nullable ExpressTurn express;
  private @Nullable Exchange exchange;
  private @Nullable ArrayDeque<Object> later;
  private @Nullable ChannelFuture farewell;
  private int requests;

  private boolean requestEnded;
  private boolean expectsContinue;
  private boolean keepAlive;
  private boolean readWanted;

  /** Reactor Netty has asked for more while something waited. */
  private boolean readPutOff;

  private boolean gatewayAnswered;

  /** Bytes of a head have come, but not its end. */
  private boolean headBegun;

  private boolean anyMessage;
  private boolean passedOn;
  private boolean takingLater;

  private long bodyBytes;
  private long leftoverBytes;

  Http1Front(FrontDoor door) {
    this.door = door;
    this.limits = door.limits();
  }

  // The connection.

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
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
  private boolean isLastOfAll() {
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
    if (msg instanceof HttpContent content && isTooLong(content)) {
      content.release();
      door.listener().limited(Limit.BODY_SIZE);
      abort();
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
    request = next;
    express = null;
    gatewayAnswered = false;
    requestEnded = false;
    headBegun = false;
    readWanted = false;
    bodyBytes = 0;
    requests++;
    moved();
    if (client == null && isOneTooMany(ctx.channel())) {
      turn = Turn.LINGERING;
      ctx.close();
      return;
    }
    ClientConnection from = client(ctx);
    expectsContinue = HttpUtil.is100ContinueExpected(next);
    keepAlive = HttpUtil.isKeepAlive(next) && !isLastAllowed();
    int refusal = Reception.refusal(next, limits, door.listener());
    if (refusal != 0) {
      turn = Turn.EXPRESS;
      refuse(refusal);
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
      RequestTarget.mend(next);
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
    express = what;
    Exchange started = what.begin(this, Reception.hasBody(next), ctx.channel().eventLoop());
    if (started != null) {
      exchange = started;
      started.start();
    }
  }

  private void content(ChannelHandlerContext ctx, HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    requestEnded |= last;
    readWanted = false;
    expectsContinue = false;
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
      keepAlive = false;
      to.refuse(400);
    } else if (isTooLong(content)) {
      content.release();
      door.listener().limited(Limit.BODY_SIZE);
      keepAlive = false;
      to.refuse(413);
    } else {
      deliver(to, content, last);
    }
  }

  private static void deliver(Exchange to, HttpContent content, boolean last) {
    ByteBuf data = content.content();
    if (data.isReadable()) {
      to.requestBody(data);
    } else {
      content.release();
    }
    if (last) {
      to.requestEnd(((LastHttpContent) content).trailingHeaders());
    }
  }

  private boolean isTooLong(HttpContent content) {
    bodyBytes += content.content().readableBytes();
    return limits.maxBody().isPresent() && bodyBytes > limits.maxBody().getAsLong();
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
    return !hasQueue() && (express == null || !express.isHandshake());
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
    express = null;
    request = null;
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
          .addListener(written -> ctx.channel().eventLoop().execute(() -> answered(ctx)));
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

  private void answered(ChannelHandlerContext ctx) {
    if (turn != Turn.GATEWAY) {
      return;
    }
    gatewayAnswered = true;
    if (requestEnded) {
      next(ctx);
    }
  }

  // The engine's answer.

  @Override
  public void informational(HttpResponse response) {
    expectsContinue = false;
    moved();
    context().writeAndFlush(HeadOnly.of(response));
  }

  @Override
  public void head(HttpResponse head) {
    moved();
    ExpressTurn what = express;
    HttpRequest to = request();
    if (what != null) {
      what.dress(head);
    }
    // Who was not told to go on may send its body or not: nobody could say what comes next.
    boolean unclear = expectsContinue && !requestEnded;
    keepAlive =
        ClientHeaders.frame(
            head, to.method(), to.protocolVersion(), keepAlive && !unclear && !isLastOfAll());
    ChannelHandlerContext ctx = context();
    ctx.write(head, ctx.voidPromise());
  }

  @Override
  public void body(ByteBuf data) {
    ChannelHandlerContext ctx = context();
    ctx.write(data, ctx.voidPromise());
  }

  @Override
  public void flush() {
    context().flush();
  }

  @Override
  public void end(HttpHeaders trailers) {
    exchange = null;
    ChannelHandlerContext ctx = context();
    HttpContent last =
        trailers.isEmpty()
            ? LastHttpContent.EMPTY_LAST_CONTENT
            : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers);
    if (!keepAlive) {
      close(ctx, last);
      return;
    }
    ctx.write(last, ctx.voidPromise());
    if (requestEnded) {
      next(ctx);
    } else {
      turn = Turn.LEFTOVER;
      leftoverBytes = 0;
      moved();
      ctx.read();
    }
  }

  @Override
  public boolean isWritable() {
    return context().channel().isWritable();
  }

  @Override
  public void requestRead() {
    readWanted = true;
    moved();
    context().read();
  }

  @Override
  public void abort() {
    exchange = null;
    turn = Turn.LINGERING;
    Channel channel = context().channel();
    if (channel.isActive()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      // Past TLS, whose close_notify would make it look whole.
      channel.unsafe().close(channel.voidPromise());
    }
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

  @Override
  public Channel upgrade(HttpResponse switching) {
    exchange = null;
    ExpressTurn what = express;
    if (what != null) {
      what.dress(switching);
    }
    turn = Turn.GIVEN_AWAY;
    ChannelHandlerContext ctx = context();
    ctx.writeAndFlush(HeadOnly.of(switching));
    Channel channel = ctx.channel();
    ChannelPipeline pipeline = channel.pipeline();
    PendingBytes early = new PendingBytes();
    pipeline.addLast(early);
    for (Map.Entry<String, ChannelHandler> each : List.copyOf(pipeline.toMap().entrySet())) {
      ChannelHandler handler = each.getValue();
      if (handler != early && !(handler instanceof SslHandler || RequestCodec.isPart(handler))) {
        pipeline.remove(handler);
      }
    }
    // Last, since its rest goes to the tunnel.
    RequestCodec.remove(pipeline);
    return channel;
  }

  // Bad ends.

  /** What came is no request that can be forwarded. */
  private void refuse(int status) {
    keepAlive = false;
    LocalReply.refuse(door, this, request(), client(context()), loop().ids(), status);
  }

  /** After the last answer; the client may still be sending. */
  private void close(ChannelHandlerContext ctx, HttpContent last) {
    turn = Turn.LINGERING;
    leftoverBytes = 0;
    moved();
    ChannelFuture written = ctx.writeAndFlush(last);
    farewell = written;
    if (requestEnded && !hasQueue()) {
      written.addListener(ChannelFutureListener.CLOSE);
    } else {
      written.addListener(done -> endOutput(ctx.channel()));
      ctx.read();
    }
  }

  /** What was sent is to be read before a reset can destroy it (RFC 9112 §9.6). */
  private static void endOutput(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    } else if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
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
    ChannelFuture last = farewell;
    if (leftoverBytes > Leftover.MAX_BYTES) {
      ctx.close();
    } else if (last != null && msg instanceof LastHttpContent) {
      last.addListener(ChannelFutureListener.CLOSE);
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

  private void moved() {
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
      request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
      requestEnded = false;
      keepAlive = false;
      LocalReply.send(this, request(), 408, loop().ids().keepOrMake(null));
    } else {
      context().close();
    }
  }

  private void idle() {
    door.listener().limited(Limit.CLIENT_IDLE);
    Exchange running = exchange;
    keepAlive = false;
    if (running != null && !requestEnded) {
      running.refuse(408);
    } else {
      exchange = null;
      if (running != null) {
        running.clientGone();
      }
      abort();
    }
  }

  @Override
  public void drain() {
    if (turn == Turn.WAITING && !headBegun && !hasQueue()) {
      context().close();
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

  private HttpRequest request() {
    return Objects.requireNonNull(request);
  }
}
