package dev.understudy.proxy.gateway;

import dev.understudy.proxy.http.DownstreamResponseHead;
import dev.understudy.proxy.http.WebSocketHandshake;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.util.ReferenceCountUtil;
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
import reactor.core.publisher.Sinks;

/**
 * Opens the client's side of WebSockets to targets that are no pools, which the Gateway relays by
 * messages. Takes the place of Spring's strategy for Reactor Netty's server.
 */
final class LaneWebSockets implements RequestUpgradeStrategy {
  private final HttpClientProperties settings;

  /**
   * @param settings of {@code spring.cloud.gateway.server.webflux.httpclient.websocket}
   */
  LaneWebSockets(HttpClientProperties settings) {
    this.settings = settings;
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
                    Session session = new Session(lane.client.upgrade(head), info);
                    session.begin(longest(), settings.getWebsocket().isProxyPing());
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
    private final Sinks.One<CloseStatus> ended = Sinks.one();
    private @Nullable Messages messages;

    Session(Channel channel, HandshakeInfo info) {
      super(channel, info, LaneResponse.BUFFERS);
      this.channel = channel;
    }

    /** Puts WebSocket's handlers where those of HTTP were. */
    void begin(int longest, boolean proxyPing) {
      Messages all = new Messages(this, proxyPing);
      messages = all;
      channel
          .pipeline()
          .addLast(
              new WebSocket13FrameDecoder(
                  WebSocketDecoderConfig.newBuilder().maxFramePayloadLength(longest).build()),
              new WebSocket13FrameEncoder(false),
              new WebSocketFrameAggregator(longest),
              all);
    }

    WebSocketMessage message(WebSocketFrame frame) {
      return toMessage(frame);
    }

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
          sink -> {
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
          });
    }

    @Override
    public boolean isOpen() {
      return channel.isActive();
    }

    @Override
    public Mono<Void> close(CloseStatus status) {
      return Mono.fromRunnable(
          () -> {
            if (channel.isActive()) {
              var unused =
                  channel
                      .writeAndFlush(new CloseWebSocketFrame(status.getCode(), status.getReason()))
                      .addListener(ChannelFutureListener.CLOSE);
            }
          });
    }

    @Override
    public Mono<CloseStatus> closeStatus() {
      return ended.asMono();
    }
  }

  /** What the client sends: read as far as it is asked for. */
  private static final class Messages extends ChannelInboundHandlerAdapter {
    private final Session session;
    private final boolean proxyPing;
    private @Nullable FluxSink<WebSocketMessage> sink;

    Messages(Session session, boolean proxyPing) {
      this.session = session;
      this.proxyPing = proxyPing;
    }

    void to(FluxSink<WebSocketMessage> reader) {
      sink = reader;
      reader.onRequest(asked -> session.channel.read());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof CloseWebSocketFrame close) {
        int code = close.statusCode();
        session.ended(
            code < 0 ? CloseStatus.NO_STATUS_CODE : new CloseStatus(code, close.reasonText()));
        var unused = ctx.writeAndFlush(close).addListener(ChannelFutureListener.CLOSE);
        complete();
      } else if (msg instanceof PingWebSocketFrame ping && !proxyPing) {
        var unused = ctx.writeAndFlush(new PongWebSocketFrame(ping.content()));
      } else if (msg instanceof WebSocketFrame frame && sink != null) {
        // On the heap: whoever reads it may retain it, and need not release it.
        byte[] payload = ByteBufUtil.getBytes(frame.content());
        frame.release();
        sink.next(session.message(frame.replace(Unpooled.wrappedBuffer(payload))));
      } else {
        ReferenceCountUtil.release(msg);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      if (sink != null && sink.requestedFromDownstream() > 0) {
        ctx.read();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      session.ended(CloseStatus.NO_CLOSE_FRAME);
      complete();
    }

    /** Netty's decoder has told the client of a violation, and closes. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var unused = ctx.close();
    }

    private void complete() {
      if (sink != null) {
        sink.complete();
      }
    }
  }
}
