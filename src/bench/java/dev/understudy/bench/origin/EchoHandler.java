package dev.understudy.bench.origin;

import dev.understudy.bench.wire.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** A WebSocket whose frames, of any kind, go back as they came. */
final class EchoHandler extends ByteToMessageDecoder {
  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int length = Frames.length(in);
    if (length >= 0 && in.readableBytes() >= length) {
      ByteBuf echo = ctx.alloc().directBuffer(length);
      Frames.unmask(in, echo);
      ctx.write(echo, ctx.voidPromise());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    ctx.flush();
    super.channelReadComplete(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
