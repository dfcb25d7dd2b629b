package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Makes an HTTP/2 stream carry bytes, as a tunnel needs them (RFC 8441 §5): DATA frames become
 * bytes and bytes DATA frames; END_STREAM is the end of a direction, as a FIN is of TCP.
 *
 * <p>Stands first in the stream's pipeline. A close ends our direction first; closing from this
 * handler's own context resets the stream.
 */
// A failed write closes the stream.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2TunnelFrames extends ChannelDuplexHandler {
  /** Counts bytes that are written. */
  @FunctionalInterface
  interface Counting {
    /** Returns the promise with which that many bytes are written. */
    ChannelPromise counted(int bytes, ChannelPromise promise);
  }

  private final Runnable reading;
  private final Counting counting;
  private boolean inputEnded;
  private boolean outputEnded;

  /**
   * Creates the handler.
   *
   * @param reading run before each read
   */
  Http2TunnelFrames(Runnable reading, Counting counting) {
    this.reading = reading;
    this.counting = counting;
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    reading.run();
    ctx.read();
    // Netty does not flush the WINDOW_UPDATE of a read that repeats an earlier one, and a client
    // with
    // an empty window would wait for it for ever. Without such a frame, and within a read of the
    // connection, the flush has no effect.
    ctx.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    boolean last = false;
    if (msg instanceof Http2DataFrame data) {
      last = data.isEndStream();
      ctx.fireChannelRead(data.content());
    } else {
      last = msg instanceof Http2HeadersFrame trailers && trailers.isEndStream();
      ReferenceCountUtil.release(msg);
    }
    if (last) {
      inputEnded = true;
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof ByteBuf data) {
      ctx.write(
          new DefaultHttp2DataFrame(data, false), counting.counted(data.readableBytes(), promise));
    } else {
      outputEnded |= msg instanceof Http2DataFrame frame && frame.isEndStream();
      ctx.write(msg, promise);
    }
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (outputEnded || !ctx.channel().isActive()) {
      ctx.close(promise);
      return;
    }
    outputEnded = true;
    ctx.writeAndFlush(new DefaultHttp2DataFrame(true))
        .addListener(
            ended -> {
              if (!inputEnded) {
                // As after a whole response: the rest of the request is of no interest (RFC 9113
                // §8.1).
                ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
              }
              ctx.close(promise);
            });
  }
}
