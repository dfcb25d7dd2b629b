package dev.understudy.bench.network;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Does on a connection what its first byte says: {@code E} echoes, {@code D} sends {@link
 * Sizes#LARGE} bytes for each byte, {@code U} answers as many with one.
 */
final class TcpServer extends ChannelInboundHandlerAdapter {
  private int task;
  private long received;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf data = (ByteBuf) message;
    if (task == 0) {
      task = data.readByte();
    }
    switch (task) {
      case 'E' -> {
        ctx.writeAndFlush(data, ctx.voidPromise());
        return;
      }
      case 'D' -> {
        for (int i = data.readableBytes(); i > 0; i--) {
          HttpServer.bulk(piece -> ctx.writeAndFlush(piece, ctx.voidPromise()));
        }
      }
      default -> {
        received += data.readableBytes();
        for (; received >= Sizes.LARGE; received -= Sizes.LARGE) {
          ctx.writeAndFlush(Servers.ZEROS.retainedSlice(0, 1), ctx.voidPromise());
        }
      }
    }
    data.release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
