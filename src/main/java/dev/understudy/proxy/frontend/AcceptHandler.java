package dev.understudy.proxy.frontend;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;

/**
 * Counts the connections that a listening channel accepts, and closes those beyond a client's
 * limit. The first handler of that channel's pipeline.
 */
final class AcceptHandler extends ChannelInboundHandlerAdapter {
  private final ConnectionLimits limits;
  private final boolean countAddresses;

  AcceptHandler(ConnectionLimits limits, boolean countAddresses) {
    this.limits = limits;
    this.countAddresses = countAddresses;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    Channel child = (Channel) msg;
    if (countAddresses
        && child.remoteAddress() instanceof InetSocketAddress from
        && !limits.admit(child, from.getAddress())) {
      // The connection has no event loop yet.
      child.unsafe().closeForcibly();
      return;
    }
    child.closeFuture().addListener(closed -> limits.closed());
    limits.accepted();
    wantRead(child);
    ctx.fireChannelRead(child);
  }

  /**
   * Requests a read before the event loop registers the connection: in most protocols the client
   * sends first. This saves a system call, since the socket is added to epoll for reading at once
   * instead of modified later.
   */
  private static void wantRead(Channel child) {
    if (child instanceof EpollSocketChannel) {
      // Auto-read goes off first: Reactor Netty will turn it off, which would cancel the pending
      // read.
      child.config().setAutoRead(false);
      child.unsafe().beginRead();
    }
  }
}
