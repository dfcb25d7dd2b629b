package dev.understudy.proxy.front.http1;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;

/**
 * Ends a client's connection behind what was written to it last, of which the kernel keeps the end
 * until it is closed ({@code TCP_CORK}): a small answer and the FIN leave as one segment, for one
 * system call more.
 */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class LastFlush {
  private LastFlush() {}

  /** Flushes, and closes as soon as all has left; nothing more is to be read. */
  static void andClose(ChannelHandlerContext ctx) {
    Channel channel = ctx.channel();
    if (channel instanceof EpollSocketChannel socket && socket.isOpen()) {
      socket.config().setTcpCork(true);
    }
    ctx.flush();
    ChannelOutboundBuffer left = channel.unsafe().outboundBuffer();
    if (left == null || left.isEmpty()) {
      ctx.close();
    } else {
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }
}
