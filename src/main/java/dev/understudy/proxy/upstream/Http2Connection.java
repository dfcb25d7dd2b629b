package dev.understudy.proxy.upstream;

import dev.understudy.proxy.upstream.Http2Stage.Event;
import dev.understudy.proxy.upstream.ServerLiveness.Advice;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionPrefaceAndSettingsFrameWrittenEvent;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to a server; the last handler of its pipeline. It carries out what {@link
 * Http2Stage} and {@link ServerLiveness} decide.
 *
 * <p>A request is sent before the server's SETTINGS (RFC 9113 §3.4) only if it may be replayed, as
 * the server has given no sign of life on this connection, and only if that server is known to
 * speak HTTP/2, by ALPN or from an earlier connection: to another one, what clients have written
 * might look like HTTP/1.1. There are as many such requests as it took before, or one, which every
 * server takes.
 */
// channelInactive reports failed writes and closes.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2Connection extends ChannelInboundHandlerAdapter implements Http2Codec.Listener {
  /** The most resets on one connection: half of what Netty's servers allow in 30 s. */
  private static final int MAX_RESETS = 100;

  private static final long PING = 0x756e_6465_7273_7475L;

  private final ConnectionPool pool;
  private final Http2Connections connections;
  private final WaitingStreams waiting;
  private final Set<Http2Stream> streams = new LinkedHashSet<>();
  private final ServerLiveness liveness = new ServerLiveness();
  private Http2Stage stage = Http2Stage.OPENING;
  private @Nullable Channel channel;
  private @Nullable Http2Codec codec;
  private @Nullable Throwable failure;
  private int resets;

  Http2Connection(ConnectionPool pool, Http2Connections connections, long nowNanos) {
    this.pool = pool;
    this.connections = connections;
    this.waiting = new WaitingStreams(nowNanos);
  }

  /** Prepares a new channel, after TLS. */
  void install(Channel opening) {
    channel = opening;
    opening.config().setAutoRead(true);
    opening.pipeline().addLast(this);
    if (!pool.tls()) {
      startHttp2(opening.pipeline());
    }
  }

  private void startHttp2(ChannelPipeline pipeline) {
    codec = new Http2Codec(pool, pipeline.channel(), this);
    codec.install(pipeline.context(this).name());
  }

  /**
   * Completes the opening of the TCP connection.
   *
   * @param cause why it failed; null if it is open
   */
  void opened(@Nullable Throwable cause) {
    if (cause != null) {
      gone(cause);
    }
  }

  /** Whether streams that have begun can be used, and end with their responses. */
  boolean isOpen() {
    return stage == Http2Stage.OPEN || stage == Http2Stage.GREETING;
  }

  /** Why the connection broke; null if the server closed it, or it has not ended. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** Notes why the connection breaks; the first cause is kept. */
  void failed(Throwable cause) {
    failure = failure == null ? cause : failure;
  }

  /** Whether one more stream may wait for this connection. */
  boolean isJoinable(long nowNanos) {
    return stage.isBeginning() && waiting.hasRoom(nowNanos);
  }

  /** The streams that wait for the connection or have begun. */
  int load() {
    return waiting.size() + streams.size();
  }

  void join(Http2Stream stream) {
    waiting.add(stream);
    stream.awaits(this);
    beginEarly();
  }

  /** Removes a stream that waits. */
  void waitsNoMore(Http2Stream stream) {
    waiting.remove(stream);
    endIfUnused();
  }

  /** Whether one more stream can begin. */
  boolean hasRoom() {
    if (stage != Http2Stage.OPEN || codec == null) {
      return false;
    }
    if (!codec.hasIds()) {
      retire();
      return false;
    }
    return Math.max(codec.streams(), streams.size()) < codec.limit();
  }

  /** Begins a stream, if there is room. */
  boolean begin(Http2Stream stream, long nowNanos) {
    if (!hasRoom()) {
      return false;
    }
    start(stream, nowNanos);
    return true;
  }

  private void start(Http2Stream stream, long nowNanos) {
    long idleSince = liveness.begin(streams.isEmpty(), nowNanos);
    stream.begin(this, idleSince, liveness.isQuiet());
    streams.add(stream);
    codec().begin(stream);
  }

  Http2Codec codec() {
    return Objects.requireNonNull(codec, "no HTTP/2 yet");
  }

  /** Records that a stream's request was sent. */
  void sent(long nowNanos) {
    codec().written();
    liveness.sent(nowNanos);
  }

  /**
   * Records that a stream was left without a byte of a response.
   *
   * @param sentNanos when its request was sent
   */
  void unanswered(long sentNanos) {
    heed(liveness.left(sentNanos, System.nanoTime()));
  }

  /** Removes a stream that has ended. */
  void closed(Http2Stream stream) {
    codec().inflow().left(stream.id());
    if (!stream.isSent()) {
      codec().written();
    }
    if (streams.remove(stream) && streams.isEmpty()) {
      liveness.idle(System.nanoTime());
      endIfUnused();
    }
  }

  private void endIfUnused() {
    if (load() == 0) {
      on(Event.UNUSED);
    }
  }

  /** Takes no more streams, and closes after the last. */
  @Override
  public void retire() {
    on(Event.RETIREMENT);
  }

  private void on(Event event) {
    Http2Stage before = stage;
    stage = before.after(event, load() == 0);
    if (before.takesStreams() && !stage.takesStreams()) {
      connections.remove(this);
    }
    if (before != stage && stage == Http2Stage.CLOSED) {
      close();
    }
  }

  /** Closes the connection if it has no stream. */
  void retireIfIdle() {
    if (streams.isEmpty()) {
      retire();
    }
  }

  /** Closes an idle connection, and pings a silent one. */
  void sweep(long nowNanos) {
    if (stage == Http2Stage.OPEN) {
      heed(liveness.check(streams.isEmpty(), nowNanos));
    }
  }

  private void heed(Advice advice) {
    switch (advice) {
      case NOTHING -> {}
      case PING -> Objects.requireNonNull(channel).writeAndFlush(new DefaultHttp2PingFrame(PING));
      case RETIRE -> retire();
    }
  }

  /**
   * Records the reset of a stream. Servers end connections with many of them (CVE-2023-44487), so
   * clients that leave must not cost others their requests.
   */
  void streamReset() {
    resets++;
    if (resets == MAX_RESETS) {
      retire();
    }
  }

  /** Records that the server has sent a part of a response. */
  void responding() {
    liveness.responding();
  }

  private void close() {
    if (channel != null && channel.isRegistered()) {
      channel.close();
    }
  }

  @Override
  public void received() {
    liveness.received();
  }

  @Override
  public boolean closesAfterFailedWrite() {
    if (stage.isBeginning() || streams.isEmpty()) {
      return true;
    }
    retire();
    return false;
  }

  @Override
  public void goingAway(int lastStreamId) {
    retire();
    for (Http2Stream each : streams) {
      if (each.id() > lastStreamId) {
        each.notProcessed();
      }
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        negotiated(ctx.pipeline());
      } else {
        failure = handshake.cause();
        ctx.close();
      }
    } else if (event instanceof Http2ConnectionPrefaceAndSettingsFrameWrittenEvent) {
      greet();
    }
    ctx.fireUserEventTriggered(event);
  }

  private void negotiated(ChannelPipeline pipeline) {
    if (stage != Http2Stage.OPENING) {
      return;
    }
    SslHandler tls = pipeline.get(SslHandler.class);
    if (ApplicationProtocolNames.HTTP_2.equals(tls.engine().getApplicationProtocol())) {
      connections.speakHttp2();
      startHttp2(pipeline);
    } else {
      fallBack(pipeline);
    }
  }

  /** Gives the channel to the first stream that waits, over HTTP/1.1. */
  private void fallBack(ChannelPipeline pipeline) {
    on(Event.HTTP_1_CHOSEN);
    connections.speakHttp1();
    pipeline.channel().config().setAutoRead(false);
    pipeline.remove(this);
    waiting.fallBack(pipeline.channel());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Http2Exception {
    if (msg instanceof Http2SettingsFrame settings) {
      codec().received(settings);
      if (stage.isBeginning()) {
        // The codec tells of the preface in a task of its own, which may come after.
        greet();
        open(ctx);
      }
    } else if (msg instanceof Http2SettingsAckFrame) {
      codec().inflow().acknowledged();
    }
    ReferenceCountUtil.release(msg);
  }

  private void greet() {
    if (stage == Http2Stage.OPENING) {
      on(Event.PREFACE_SENT);
      codec().inflow().cover();
      liveness.idle(System.nanoTime());
      beginEarly();
    }
  }

  /** Begins streams that need not wait for the server's SETTINGS. */
  private void beginEarly() {
    while (stage == Http2Stage.GREETING && streams.size() < connections.limit()) {
      Http2Stream next = waiting.takeEarly();
      if (next == null) {
        return;
      }
      start(next, System.nanoTime());
      next.ready();
    }
  }

  private void open(ChannelHandlerContext ctx) {
    int limit = codec().limit();
    if (limit == 0) {
      // A server may allow none for a while (RFC 9113 §6.5.2): as if it took no connection.
      failure = new IOException("the server's SETTINGS frame allows no stream");
      ctx.close();
      return;
    }
    on(Event.SETTINGS);
    connections.limit(limit);
    long now = System.nanoTime();
    for (Http2Stream each : waiting.takeAll()) {
      if (begin(each, now)) {
        each.ready();
      } else {
        connections.assign(each);
      }
    }
    if (connections.isClosed()) {
      retire();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failed(cause);
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone(failure == null ? new IOException("closed before its SETTINGS frame") : failure);
  }

  private void gone(Throwable cause) {
    if (stage == Http2Stage.GREETING) {
      connections.limit(0);
    }
    on(Event.ENDED);
    waiting.takeAll().forEach(each -> each.failed(cause));
    // The codec closes the streams that it knows.
    new ArrayList<>(streams).forEach(Http2Stream::connectionGone);
  }
}
