package dev.understudy.proxy.front;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;

/** Counts what a listening channel accepts: the first handler of its pipeline. */
final class AcceptedConnections extends ChannelInboundHandlerAdapter {
  private final ConnectionLimits limits;
  private final boolean countAddresses;

  AcceptedConnections(ConnectionLimits limits, boolean countAddresses) {
    this.limits = limits;
    this.countAddresses = countAddresses;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    Channel child = (Channel) msg;
    if (countAddresses
        && child.remoteAddress() instanceof InetSocketAddress from
        && !limits.admit(child, from.getAddress())) {
      // It has no event loop yet.
      child.unsafe().closeForcibly();
      return;
    }
    child.closeFuture().addListener(closed -> limits.closed());
    limits.accepted();
    wantRead(child);
    ctx.fireChannelRead(child);
  }

  /**
   * Whatever it will speak, its client begins. Known before the event loop gets it, this spares a
   * system call: its descriptor is added to epoll for reading at once, and not changed to that.
   */
  private static void wantRead(Channel child) {
    if (child instanceof EpollSocketChannel) {
      // Off first: to turn it off, as Reactor Netty will, takes the wish back.
      child.config().setAutoRead(false);
      child.unsafe().beginRead();
    }
  }
}
