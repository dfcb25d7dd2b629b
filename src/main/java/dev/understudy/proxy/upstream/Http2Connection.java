package dev.understudy.proxy.upstream;

import dev.understudy.proxy.eventloop.CoalescedFlush;
import dev.understudy.proxy.eventloop.FailedWrites;
import dev.understudy.proxy.flowcontrol.AdaptiveFlowController;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionPrefaceAndSettingsFrameWrittenEvent;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to a server; the last handler of its pipeline.
 *
 * <table>
 *   <caption>Stage, event, next stage</caption>
 *   <tr><td>OPENING: streams wait</td><td>the preface is sent</td><td>GREETING</td></tr>
 *   <tr><td></td><td>the server chooses HTTP/1.1 by ALPN: each stream continues over HTTP/1.1</td>
 *       <td>CLOSED</td></tr>
 *   <tr><td></td><td>failure, or no stream waits any more</td><td>CLOSED</td></tr>
 *   <tr><td>GREETING: streams wait, but for early ones</td>
 *       <td>the server's SETTINGS</td><td>OPEN</td></tr>
 *   <tr><td></td><td>failure, or no stream waits or is open any more</td><td>CLOSED</td></tr>
 *   <tr><td>OPEN: takes streams, as many as the server and {@link #MAX_STREAMS} allow</td>
 *       <td>GOAWAY; stream ids or {@link #MAX_RESETS} used up; no byte after a ping; a failed write;
 *       server judged DOWN</td>
 *       <td>RETIRED</td></tr>
 *   <tr><td></td><td>no stream for {@link #MAX_IDLE_NANOS}</td><td>CLOSED</td></tr>
 *   <tr><td>RETIRED: takes no stream</td><td>last stream ended</td><td>CLOSED</td></tr>
 * </table>
 *
 * <p>A request is sent before the server's SETTINGS (RFC 9113 §3.4) only if it may be replayed, as
 * the server has given no sign of life on this connection, and only if that server is known to
 * speak HTTP/2, by ALPN or from an earlier connection: to another one, what clients have written
 * might look like HTTP/1.1. There are as many such requests as it took before, or one, which every
 * server takes.
 */
// channelInactive reports failed writes and closes.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2Connection extends ChannelInboundHandlerAdapter {
  /** The most streams of one connection, if the server allows as many. */
  static final int MAX_STREAMS = 100;

  /** 15 s: less than common servers keep an idle connection (Tomcat: 20 s). */
  static final long MAX_IDLE_NANOS = TimeUnit.SECONDS.toNanos(15);

  /** How long other streams may wait for a connection that is being opened: 1 s. */
  private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The silence after a request that leads to a ping, and after that ping to retirement: 1 s. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * The most pings without a response in between; gRPC servers end a connection on the third (its
   * PROTOCOL-HTTP2, A8).
   */
  private static final int MAX_PINGS = 2;

  /** The most resets on one connection: half of what Netty's servers allow in 30 s. */
  private static final int MAX_RESETS = 100;

  /** The stream id after which no stream is begun; ids end at 2^31. */
  private static final int LAST_ID = 1 << 30;

  private static final long PING = 0x756e_6465_7273_7475L;

  private enum Stage {
    OPENING,
    GREETING,
    OPEN,
    RETIRED,
    CLOSED
  }

  private final ConnectionPool pool;
  private final Http2Connections connections;
  private final long createdNanos;
  private final Set<Http2Stream> waiting = new LinkedHashSet<>();
  private final Set<Http2Stream> streams = new LinkedHashSet<>();
  private Stage stage = Stage.OPENING;
  private @Nullable Channel channel;
  private @Nullable Http2FrameCodec codec;
  private @Nullable Http2StreamChannelBootstrap bootstrap;
  private @Nullable Throwable failure;
  private boolean used;

  /**
   * Whether the server has sent nothing since the connection was idle after other requests, so that
   * it may be dead.
   */
  private boolean quiet;

  /** Streams whose head has not been sent, which the codec does not count. */
  private int unsent;

  private @Nullable CoalescedFlush flush;
  private long idleSinceNanos;
  private long readNanos;

  /** When the first request since the last byte was sent; meaningful if {@link #unanswered}. */
  private long unansweredNanos;

  private boolean unanswered;
  private boolean pinged;
  private int pingsLeft = MAX_PINGS;
  private int resets;

  Http2Connection(ConnectionPool pool, Http2Connections connections, long nowNanos) {
    this.pool = pool;
    this.connections = connections;
    this.createdNanos = nowNanos;
  }

  /** Prepares a new channel, after TLS. */
  void install(Channel opening) {
    channel = opening;
    flush = new CoalescedFlush(opening);
    opening.config().setAutoRead(true);
    opening.pipeline().addLast(this);
    if (!pool.tls()) {
      startHttp2(opening.pipeline());
    }
  }

  /** Adds the codec, which sends the preface as soon as the channel is active. */
  private void startHttp2(ChannelPipeline pipeline) {
    Http2FrameCodec made =
        Http2FrameCodecBuilder.forClient()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .pushEnabled(false)
                    .maxHeaderListSize(pool.limits().maxHeaderBytes()))
            .build();
    codec = made;
    AdaptiveFlowController.install(made, MAX_STREAMS, pool.windows());
    made.connection().addListener(new Farewell());
    String own = pipeline.context(this).name();
    pipeline.addBefore(own, null, new Bytes());
    pipeline.addBefore(own, null, made);
    pipeline.addBefore(own, null, new Http2MultiplexHandler(new NoPushes()));
  }

  /**
   * What lies below the codec. It has what the server sent read although a {@linkplain FailedWrites
   * write failed}, after which the codec closes the connection: the streams end with their
   * responses, or with the connection.
   */
  private final class Bytes extends ChannelDuplexHandler {
    /** A sign of life; the end of a read is none, as flow control has one for what it kept. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      readNanos = System.nanoTime();
      unanswered = false;
      quiet = false;
      pinged = false;
      ctx.fireChannelRead(msg);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
      if (isBeginning() || streams.isEmpty() || !FailedWrites.isOne(ctx.channel(), false)) {
        ctx.close(promise);
      } else {
        retire();
      }
    }
  }

  /** Servers cannot open streams, as push is off. */
  private static final class NoPushes extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      stream.close();
    }
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
    return stage == Stage.OPEN || stage == Stage.GREETING;
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
    return isBeginning() && waiting.size() < MAX_STREAMS && nowNanos - createdNanos < JOIN_NANOS;
  }

  /** The streams that wait for the connection or have begun. */
  int load() {
    return waiting.size() + streams.size();
  }

  private boolean isBeginning() {
    return stage == Stage.OPENING || stage == Stage.GREETING;
  }

  void join(Http2Stream stream) {
    waiting.add(stream);
    stream.awaits(this);
    beginEarly();
  }

  /** Removes a stream that waits. */
  void waitsNoMore(Http2Stream stream) {
    waiting.remove(stream);
    closeIfUnwanted();
  }

  /** Ends a beginning that no stream awaits. */
  private void closeIfUnwanted() {
    if (isBeginning() && waiting.isEmpty() && streams.isEmpty()) {
      stage = Stage.CLOSED;
      connections.remove(this);
      close();
    }
  }

  /** Whether one more stream can begin. */
  boolean hasRoom() {
    if (stage != Stage.OPEN || codec == null) {
      return false;
    }
    if (codec.connection().local().lastStreamCreated() >= LAST_ID) {
      retire();
      return false;
    }
    // The codec counts a stream until its reset is written, which can be after its channel's end.
    int active = codec.connection().local().numActiveStreams() + unsent;
    return Math.max(active, streams.size()) < limit(codec);
  }

  private static int limit(Http2FrameCodec codec) {
    return Math.min(MAX_STREAMS, codec.connection().local().maxActiveStreams());
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
    quiet |= used && streams.isEmpty();
    stream.begin(this, quiet || streams.isEmpty() ? idleSinceNanos : nowNanos, quiet);
    used = true;
    unsent++;
    streams.add(stream);
    Objects.requireNonNull(bootstrap).handler(stream).open();
  }

  /** Flow control of what the server sends, once the codec is there. */
  AdaptiveFlowController inflow() {
    return AdaptiveFlowController.of(Objects.requireNonNull(codec).connection());
  }

  /** Records that a stream's request was sent. */
  void sent(long nowNanos) {
    unsent--;
    if (!unanswered) {
      unanswered = true;
      unansweredNanos = nowNanos;
    }
  }

  /**
   * Records that a stream was left without a byte of a response.
   *
   * @param sinceNanos when its request was sent
   */
  void unanswered(long sinceNanos) {
    if (readNanos - sinceNanos < 0 && System.nanoTime() - sinceNanos >= SILENCE_NANOS) {
      retire();
    }
  }

  /** Flushes once for all writes in the same turn of the event loop. */
  void flushSoon() {
    if (flush != null) {
      flush.plan();
    }
  }

  /** Removes a stream that has ended. */
  void closed(Http2Stream stream) {
    inflow().left(stream.id());
    if (!stream.isSent()) {
      unsent--;
    }
    if (streams.remove(stream) && streams.isEmpty()) {
      idleSinceNanos = System.nanoTime();
      if (isBeginning()) {
        closeIfUnwanted();
      } else if (stage == Stage.RETIRED || connections.isClosed()) {
        close();
      }
    }
  }

  /** Takes no more streams, and closes after the last. */
  void retire() {
    if (stage == Stage.OPEN) {
      stage = Stage.RETIRED;
      connections.remove(this);
      if (streams.isEmpty()) {
        close();
      }
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
    if (stage != Stage.OPEN) {
      return;
    }
    if (streams.isEmpty()) {
      if (nowNanos - idleSinceNanos >= MAX_IDLE_NANOS) {
        retire();
      }
    } else if (unanswered) {
      long silence = nowNanos - unansweredNanos;
      if (pinged && silence >= 2 * SILENCE_NANOS) {
        retire();
      } else if (!pinged && pingsLeft > 0 && silence >= SILENCE_NANOS) {
        ping();
      }
    }
  }

  private void ping() {
    if (channel != null) {
      pinged = true;
      pingsLeft--;
      channel.writeAndFlush(new DefaultHttp2PingFrame(PING));
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
    pingsLeft = MAX_PINGS;
  }

  private void close() {
    if (channel != null && channel.isRegistered()) {
      channel.close();
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
      greet(ctx.channel());
    } else if (event instanceof SslCloseCompletionEvent close && close.isSuccess()) {
      inputEnds(ctx);
    }
    ctx.fireUserEventTriggered(event);
  }

  /**
   * Closes the connection, of which nothing more comes, though the server may leave TCP open; past
   * the codec, which would await the streams.
   */
  private void inputEnds(ChannelHandlerContext ctx) {
    retire();
    (codec == null ? ctx : ctx.pipeline().context(codec)).close();
  }

  private void negotiated(ChannelPipeline pipeline) {
    if (stage != Stage.OPENING) {
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
    stage = Stage.CLOSED;
    connections.speakHttp1();
    connections.remove(this);
    pipeline.channel().config().setAutoRead(false);
    pipeline.remove(this);
    List<Http2Stream> all = takeWaiting();
    Channel given = pipeline.channel();
    for (Http2Stream each : all) {
      boolean wanted = each.isWanted();
      each.fallBack(given);
      given = wanted ? null : given;
    }
    if (given != null) {
      given.close();
    }
  }

  private List<Http2Stream> takeWaiting() {
    List<Http2Stream> all = new ArrayList<>(waiting);
    waiting.clear();
    return all;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Http2Exception {
    if (msg instanceof Http2SettingsFrame && isBeginning()) {
      // The codec tells of the preface in a task of its own, which may come after.
      greet(ctx.channel());
      open(ctx);
    } else if (msg instanceof Http2SettingsAckFrame) {
      inflow().acknowledged();
    }
    ReferenceCountUtil.release(msg);
  }

  private void greet(Channel connected) {
    if (stage == Stage.OPENING) {
      stage = Stage.GREETING;
      inflow().cover();
      idleSinceNanos = System.nanoTime();
      bootstrap =
          new Http2StreamChannelBootstrap(connected)
              .option(ChannelOption.AUTO_READ, false)
              // See Bytes.
              .option(ChannelOption.AUTO_CLOSE, false);
      beginEarly();
    }
  }

  /** Begins streams that need not wait for the server's SETTINGS. */
  private void beginEarly() {
    if (stage == Stage.GREETING) {
      for (Http2Stream each : List.copyOf(waiting)) {
        if (each.isEarly() && streams.size() < connections.limit() && waiting.remove(each)) {
          start(each, System.nanoTime());
          each.ready();
        }
      }
    }
  }

  private void open(ChannelHandlerContext ctx) {
    int limit = limit(Objects.requireNonNull(codec));
    if (limit == 0) {
      // A server may allow none for a while (RFC 9113 §6.5.2): as if it took no connection.
      failure = new IOException("the server's SETTINGS frame allows no stream");
      ctx.close();
      return;
    }
    stage = Stage.OPEN;
    connections.limit(limit);
    for (Http2Stream each : takeWaiting()) {
      if (begin(each, idleSinceNanos)) {
        each.ready();
      } else {
        connections.assign(each);
      }
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
    if (stage == Stage.GREETING) {
      connections.limit(0);
    }
    stage = Stage.CLOSED;
    connections.remove(this);
    takeWaiting().forEach(each -> each.failed(cause));
    // The codec closes the streams that it knows.
    new ArrayList<>(streams).forEach(Http2Stream::connectionGone);
  }

  /** Learns from a GOAWAY, before the codec closes the streams that it excludes. */
  private final class Farewell extends Http2ConnectionAdapter {
    @Override
    public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
      retire();
      for (Http2Stream each : streams) {
        if (each.id() > lastStreamId) {
          each.notProcessed();
        }
      }
    }
  }
}
