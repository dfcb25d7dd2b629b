package dev.understudy.proxy.upstream;

import dev.understudy.proxy.eventloop.CoalescedFlush;
import dev.understudy.proxy.eventloop.FailedWrites;
import dev.understudy.proxy.flowcontrol.AdaptiveFlowController;
import dev.understudy.proxy.http.HeaderTableSizes;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslCloseCompletionEvent;

/** Netty's handlers of HTTP/2 on one channel to a server, and what they count. */
// channelInactive reports closes; a stream that cannot be opened is closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2Codec {
  /** The most streams of one connection, if the server allows as many. */
  static final int MAX_STREAMS = 100;

  /** The stream id after which no stream is begun; ids end at 2^31. */
  private static final int LAST_ID = 1 << 30;

  /** What is told of the connection before the codec acts on it. */
  interface Listener {
    /** The server has sent something. */
    void received();

    /** Nothing more comes, after which the connection is closed. */
    void retire();

    /** A GOAWAY came, after which the codec closes the streams that it excludes. */
    void goingAway(int lastStreamId);

    /**
     * A {@linkplain FailedWrites write failed}, after which the codec closes the connection.
     *
     * @return whether that is to happen; else what the server sent is read, and the streams end
     *     with their responses, or with the connection
     */
    boolean closesAfterFailedWrite();
  }

  private final Channel channel;
  private final Listener listener;
  private final Http2FrameCodec codec;
  private final Http2StreamChannelBootstrap streams;
  private final CoalescedFlush flush;

  private final HeaderTableSizes tableSizes = new HeaderTableSizes();

  /** Streams whose head has not been written, which the codec does not count. */
  private int unwritten;

  Http2Codec(ConnectionPool pool, Channel channel, Listener listener) {
    this.channel = channel;
    this.listener = listener;
    this.codec = Http2ResponseCodec.create(pool.limits().maxHeaderBytes());
    this.streams =
        new Http2StreamChannelBootstrap(channel)
            .option(ChannelOption.AUTO_READ, false)
            // See Bytes.
            .option(ChannelOption.AUTO_CLOSE, false);
    this.flush = new CoalescedFlush(channel);
    AdaptiveFlowController.install(codec, MAX_STREAMS, pool.windows());
    codec.connection().addListener(new Farewell());
  }

  /**
   * Adds the handlers; one of them, the codec, sends the preface as soon as the channel is active.
   *
   * @param before the name of the handler that comes after them
   */
  void install(String before) {
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addBefore(before, null, new Bytes());
    pipeline.addBefore(before, null, codec);
    pipeline.addBefore(before, null, new Http2MultiplexHandler(new NoPushes()));
  }

  /** What lies below the codec. */
  private final class Bytes extends ChannelDuplexHandler {
    /** The end of a read is no sign of life, as flow control has one for what it kept. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      listener.received();
      ctx.fireChannelRead(msg);
    }

    /** Closes the channel after close_notify: the server may leave TCP open. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslCloseCompletionEvent close && close.isSuccess()) {
        listener.retire();
        // Not by the codec, which would await the streams.
        ctx.close();
      }
      ctx.fireUserEventTriggered(event);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
      if (!FailedWrites.isOne(ctx.channel(), false) || listener.closesAfterFailedWrite()) {
        ctx.close(promise);
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

  private final class Farewell extends Http2ConnectionAdapter {
    @Override
    public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
      listener.goingAway(lastStreamId);
    }
  }

  /**
   * Ends the connection (ENHANCE_YOUR_CALM) once the server has set HEADER_TABLE_SIZE too often.
   */
  void received(Http2SettingsFrame frame) {
    if (frame.settings().headerTableSize() != null
        && tableSizes.count(System.nanoTime()) == HeaderTableSizes.MOST + 1) {
      Http2Exception fault =
          Http2Exception.connectionError(
              Http2Error.ENHANCE_YOUR_CALM,
              "More than %d header table sizes",
              HeaderTableSizes.MOST);
      codec.onError(channel.pipeline().context(codec), false, fault);
    }
  }

  /** Flow control of what the server sends. */
  AdaptiveFlowController inflow() {
    return AdaptiveFlowController.of(codec.connection());
  }

  /** Flushes once for all writes in the same turn of the event loop. */
  void flushSoon() {
    flush.plan();
  }

  /** Whether another stream can have an id. */
  boolean hasIds() {
    return codec.connection().local().lastStreamCreated() < LAST_ID;
  }

  /** The most streams at a time. */
  int limit() {
    return Math.min(MAX_STREAMS, codec.connection().local().maxActiveStreams());
  }

  /**
   * How many streams there are. The codec counts a stream until its reset is written, which can be
   * after its channel's end.
   */
  int streams() {
    return codec.connection().local().numActiveStreams() + unwritten;
  }

  void begin(Http2Stream stream) {
    unwritten++;
    streams.handler(stream).open();
  }

  /** Notes that the head of a stream was written, or never will be. */
  void written() {
    unwritten--;
  }
}
