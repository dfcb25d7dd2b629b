package dev.understudy.proxy.frontend.http1;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;

/**
 * Closes a client's connection after the last written bytes, the end of which the kernel holds back
 * until the close ({@code TCP_CORK}): a small response and the FIN are sent as one segment, for one
 * more system call.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class CorkedClose {
  private CorkedClose() {}

  /** Flushes, and closes once everything is sent. The channel must not be read any more. */
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
