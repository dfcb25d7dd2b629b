package dev.understudy.bench.load;

import dev.understudy.bench.wire.Frames;
import dev.understudy.bench.wire.Head;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Counts responses on one connection. */
final class ResponseCounter extends ByteToMessageDecoder {
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int MASK_BYTES = 4;

  private final Client client;
  private final Head head = new Head();

  /** Length of the expected frame. */
  private final int frameBytes;

  private boolean frames;

  /** Bytes left of the body being read; -1 between responses. */
  private long remaining = -1;

  private int status;

  ResponseCounter(Client client, Traffic traffic, ByteBuf request) {
    this.client = client;
    frameBytes =
        traffic.responses() == Traffic.Responses.FRAMES ? Frames.length(request) - MASK_BYTES : 0;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (frames) {
      frame(ctx, in);
    } else if (remaining >= 0 || head(in)) {
      body(ctx, in);
    }
  }

  /** Whether a response with a body has begun. */
  private boolean head(ByteBuf in) {
    if (!head.read(in)) {
      return false;
    }
    status = head.status(in);
    if (status == SWITCHING_PROTOCOLS) {
      frames = true;
      client.upgraded();
      return false;
    }
    if (head.contentLength() < 0) {
      throw new IllegalStateException("a response without Content-Length");
    }
    remaining = head.contentLength();
    return true;
  }

  private void body(ChannelHandlerContext ctx, ByteBuf in) {
    int part = (int) Math.min(remaining, in.readableBytes());
    in.skipBytes(part);
    remaining -= part;
    if (remaining == 0) {
      remaining = -1;
      client.responded(ctx.channel(), status / 100 == 2, head.saysClose());
    }
  }

  private void frame(ChannelHandlerContext ctx, ByteBuf in) {
    int length = Frames.length(in);
    if (length >= 0 && in.readableBytes() >= length) {
      in.skipBytes(length);
      client.responded(ctx.channel(), length == frameBytes, false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    client.lost(ctx.channel());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
