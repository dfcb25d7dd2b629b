package dev.understudy.proxy.gateway;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.eventloop.PendingBytes;
import dev.understudy.proxy.frontend.ClientMemory;
import dev.understudy.proxy.frontend.OtherTunnels;
import dev.understudy.proxy.http.DownstreamResponseHead;
import dev.understudy.proxy.http.WebSocketHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.socket.CloseStatus;
import org.springframework.web.reactive.socket.HandshakeInfo;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.adapter.NettyWebSocketSessionSupport;
import org.springframework.web.reactive.socket.server.RequestUpgradeStrategy;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;

/**
 * Opens the client's side of WebSockets to targets that are no pools, which the Gateway relays by
 * messages. Takes the place of Spring's strategy for Reactor Netty's server.
 *
 * <p>What a read brings beyond the messages that are asked for waits as bytes, which count as the
 * client's. A WebSocket that is idle, or whose process stops, ends with a close frame 1001 on both
 * sides; a side that ends without one ends the other.
 */
final class LaneWebSockets implements RequestUpgradeStrategy {
  /** The longest wait for a client's response to a close frame. */
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final HttpClientProperties settings;
  private final Duration idle;

  /**
   * @param settings of {@code spring.cloud.gateway.server.webflux.httpclient.websocket}
   * @param idle the time without a byte in either direction after which a WebSocket is closed
   */
  LaneWebSockets(HttpClientProperties settings, Duration idle) {
    this.settings = settings;
    this.idle = idle;
  }

  private int longest() {
    Integer set = settings.getWebsocket().getMaxFramePayloadLength();
    return set == null ? NettyWebSocketSessionSupport.DEFAULT_FRAME_MAX_SIZE : set;
  }

  @Override
  public Mono<Void> upgrade(
      ServerWebExchange exchange,
      WebSocketHandler handler,
      @Nullable String protocol,
      Supplier<HandshakeInfo> info) {
    exchange.getResponse().setStatusCode(HttpStatus.SWITCHING_PROTOCOLS);
    // What filters do before the commit; nothing is written.
    return exchange
        .getResponse()
        .setComplete()
        .then(open(exchange, protocol, info.get()))
        .flatMap(
            session ->
                handler
                    .handle(session)
                    .onErrorResume(failure -> session.close(CloseStatus.PROTOCOL_ERROR))
                    .then(Mono.defer(session::close)));
  }

  private Mono<Session> open(
      ServerWebExchange exchange, @Nullable String protocol, HandshakeInfo info) {
    GatewayLaneRequest lane = GatewayLaneRequest.of(exchange);
    return Mono.create(
        sink ->
            GatewayLaneRequest.on(
                lane.loop,
                () -> {
                  if (!lane.isOver()) {
                    HttpResponse head = head(exchange, lane, protocol);
                    lane.upgraded();
                    Session session =
                        new Session(lane.client.upgrade(head), info, lane.frontend.tunnels());
                    session.begin(longest(), idle, settings.getWebsocket().isProxyPing());
                    sink.success(session);
                  }
                }));
  }

  private static HttpResponse head(
      ServerWebExchange exchange, GatewayLaneRequest lane, @Nullable String protocol) {
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    exchange.getResponse().getHeaders().forEach((name, values) -> head.headers().set(name, values));
    DownstreamResponseHead.switching(head, "websocket");
    String key = WebSocketHandshake.key(lane.headers());
    if (key != null) {
      head.headers().set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, WebSocketHandshake.accept(key));
    }
    if (protocol != null) {
      head.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    return head;
  }

  /** The client's side of one WebSocket. */
  private static final class Session extends NettyWebSocketSessionSupport<Channel> {
    private final Channel channel;
    private final OtherTunnels tunnels;
    private final Sinks.One<CloseStatus> ended = Sinks.one();
    private final Runnable goAway = this::goAway;
    private @Nullable Messages messages;
    private boolean closing;

    Session(Channel channel, HandshakeInfo info, OtherTunnels tunnels) {
      super(channel, info, LaneResponse.BUFFERS);
      this.channel = channel;
      this.tunnels = tunnels;
    }

    /** Puts WebSocket's handlers where those of HTTP were. */
    void begin(int longest, Duration idle, boolean proxyPing) {
      Frames frames = new Frames(longest, ClientMemory.toServer(channel));
      Messages all = new Messages(this, frames, proxyPing);
      messages = all;
      channel
          .pipeline()
          .addLast(
              new IdleStateHandler(0, 0, idle.toNanos(), TimeUnit.NANOSECONDS),
              frames,
              new WebSocket13FrameEncoder(false),
              new WebSocketFrameAggregator(longest),
              all);
      ClientMemory.tunnel(channel, true);
      tunnels.add(channel.eventLoop(), goAway);
      var unused =
          channel
              .closeFuture()
              .addListener(
                  closed -> {
                    frames.discard();
                    ClientMemory.tunnel(channel, false);
                    tunnels.remove(channel.eventLoop(), goAway);
                  });
      if (!channel.isActive()) {
        all.gone();
      }
    }

    WebSocketMessage message(WebSocketFrame frame) {
      return toMessage(frame);
    }

    /** Tells the other side how this one has ended; the first call counts. */
    void ended(CloseStatus status) {
      var unused = ended.tryEmitValue(status);
    }

    @Override
    public Flux<WebSocketMessage> receive() {
      Messages all = messages;
      return all == null ? Flux.empty() : Flux.create(all::to);
    }

    @Override
    public Mono<Void> send(Publisher<WebSocketMessage> all) {
      return Flux.from(all).concatMap(message -> written(toFrame(message)), 1).then();
    }

    private Mono<Void> written(WebSocketFrame frame) {
      return Mono.create(
          sink -> GatewayLaneRequest.on(channel.eventLoop(), () -> write(frame, sink)));
    }

    private void write(WebSocketFrame frame, MonoSink<Void> sink) {
      if (closing) {
        // Nothing follows a close frame.
        frame.release();
        sink.error(new ClosedChannelException());
        return;
      }
      var unused =
          channel
              .writeAndFlush(frame)
              .addListener(
                  done -> {
                    if (done.isSuccess()) {
                      sink.success();
                    } else {
                      sink.error(done.cause());
                    }
                  });
    }

    @Override
    public boolean isOpen() {
      return channel.isActive();
    }

    @Override
    public Mono<Void> close(CloseStatus status) {
      return Mono.fromRunnable(() -> GatewayLaneRequest.on(channel.eventLoop(), () -> end(status)));
    }

    /** Ends both sides: the other one hears of it by {@link #closeStatus}. */
    private void goAway() {
      ended(CloseStatus.GOING_AWAY);
      end(CloseStatus.GOING_AWAY);
    }

    /** Sends a close frame, and closes when the client has responded or takes too long. */
    private void end(CloseStatus status) {
      if (isFirstClose()) {
        boolean valid = WebSocketCloseStatus.isValidStatusCode(status.getCode());
        var unused =
            channel.writeAndFlush(
                valid
                    ? new CloseWebSocketFrame(status.getCode(), status.getReason())
                    : new CloseWebSocketFrame());
        var unusedToo = channel.eventLoop().schedule(this::cut, CLOSE_NANOS, TimeUnit.NANOSECONDS);
        Objects.requireNonNull(messages).complete();
      }
    }

    void cut() {
      var unused = channel.close();
    }

    /** Whether no close frame was sent before: there is one at most (RFC 6455 §5.5.1). */
    boolean isFirstClose() {
      boolean first = !closing && channel.isActive();
      closing = true;
      return first;
    }

    @Override
    public Mono<CloseStatus> closeStatus() {
      return ended.asMono();
    }
  }

  /** Decodes as long as messages are asked for; what waits for that counts as the client's. */
  private static final class Frames extends WebSocket13FrameDecoder {
    private final PendingBytes waiting;
    private @Nullable ChannelHandlerContext added;
    private BooleanSupplier wanted = () -> false;
    private boolean decoding;

    Frames(int longest, PendingBytes waiting) {
      super(WebSocketDecoderConfig.newBuilder().maxFramePayloadLength(longest).build());
      this.waiting = waiting;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      added = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
      decoding = true;
      try {
        super.channelRead(ctx, input);
      } finally {
        decoding = false;
        waiting.count(ctx.channel().isActive() ? actualReadableBytes() : 0);
      }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
        throws Exception {
      if (wanted.getAsBoolean()) {
        super.decode(ctx, in, out);
      }
    }

    /** Reads no more by itself, as it would when nothing was decoded. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      discardSomeReadBytes();
      ctx.fireChannelReadComplete();
    }

    /** Decodes what waits, as far as it is wanted. */
    void goOn() throws Exception {
      if (actualReadableBytes() > 0) {
        channelRead(Objects.requireNonNull(added), Unpooled.EMPTY_BUFFER);
      }
    }

    void discard() {
      waiting.count(0);
    }
  }

  /** What the client sends: decoded and read as far as it is asked for. */
  private static final class Messages extends ChannelInboundHandlerAdapter {
    private final Session session;
    private final Frames frames;
    private final boolean proxyPing;
    private @Nullable FluxSink<WebSocketMessage> sink;
    private long demand;

    /** Whether nothing is passed on any more: a close frame has passed, in either direction. */
    private boolean complete;

    Messages(Session session, Frames frames, boolean proxyPing) {
      this.session = session;
      this.frames = frames;
      this.proxyPing = proxyPing;
      frames.wanted = this::wantsMore;
    }

    void to(FluxSink<WebSocketMessage> reader) {
      EventLoop loop = session.channel.eventLoop();
      GatewayLaneRequest.on(
          loop,
          () -> {
            sink = reader;
            if (complete) {
              reader.complete();
            }
          });
      reader.onRequest(asked -> GatewayLaneRequest.on(loop, () -> ask(asked)));
    }

    private void ask(long asked) {
      demand = Operators.addCap(demand, asked);
      goOn();
    }

    /** Decodes what has come, and reads more, while messages are asked for. */
    private void goOn() {
      if (frames.decoding) {
        return;
      }
      try {
        if (wantsMore()) {
          frames.goOn();
        }
      } catch (Exception e) {
        session.cut();
      }
      if (wantsMore()) {
        session.channel.read();
      }
    }

    /** After a close frame of the proxy's the client's own is awaited, behind all else. */
    private boolean wantsMore() {
      return session.channel.isActive() && (complete || demand > 0);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof CloseWebSocketFrame close) {
        closed(ctx, close);
      } else if (msg instanceof PingWebSocketFrame ping && !proxyPing) {
        var unused = ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
      } else if (msg instanceof WebSocketFrame frame && sink != null && !complete) {
        demand -= demand == Long.MAX_VALUE ? 0 : 1;
        // On the heap: whoever reads it may retain it, and need not release it.
        byte[] payload = ByteBufUtil.getBytes(frame.content());
        frame.release();
        sink.next(session.message(frame.replace(Unpooled.wrappedBuffer(payload))));
      } else {
        ReferenceCountUtil.release(msg);
      }
    }

    private void closed(ChannelHandlerContext ctx, CloseWebSocketFrame close) {
      int code = close.statusCode();
      session.ended(
          code < 0 ? CloseStatus.NO_STATUS_CODE : new CloseStatus(code, close.reasonText()));
      if (session.isFirstClose()) {
        var unused = ctx.writeAndFlush(close).addListener(ChannelFutureListener.CLOSE);
      } else {
        close.release();
        var unused = ctx.close();
      }
      complete();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      goOn();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof IdleStateEvent) {
        session.goAway();
      } else if (ChannelClose.isEndOfInput(event)) {
        var unused = ctx.close();
      }
      ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      gone();
    }

    /** Handles the end of the connection; what nobody has asked for is dropped. */
    void gone() {
      session.ended(CloseStatus.NO_CLOSE_FRAME);
      complete();
    }

    /** Netty's decoder has told the client of a violation, and closes. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var unused = ctx.close();
    }

    private void complete() {
      complete = true;
      if (sink != null) {
        sink.complete();
      }
      goOn();
    }
  }
}
