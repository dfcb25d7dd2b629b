package dev.understudy.proxy.flowcontrol;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2Settings;

/** Netty's HTTP/2 codec, whose frames a {@link PacedFrameReader} reads. */
public class PacedFrameCodec extends Http2FrameCodec {
  private final PacedFrameReader frames;

  /**
   * Creates the codec of one connection.
   *
   * @param frames what the decoder reads with
   */
  protected PacedFrameCodec(
      Http2ConnectionEncoder encoder,
      Http2ConnectionDecoder decoder,
      Http2Settings settings,
      PacedFrameReader frames) {
    super(encoder, decoder, settings, false, true);
    this.frames = frames;
  }

  /** Reads nothing while frames wait; their turn reads on. */
  @Override
  public void read(ChannelHandlerContext ctx) throws Exception {
    if (!frames.isWaiting()) {
      super.read(ctx);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (!frames.isWaiting()) {
      frames.turnOver();
      super.channelReadComplete(ctx);
      return;
    }
    // As Netty's, but for the read.
    discardSomeReadBytes();
    ctx.fireChannelReadComplete();
    flush(ctx);
  }
}
