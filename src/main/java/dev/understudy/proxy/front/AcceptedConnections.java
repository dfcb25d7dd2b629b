package dev.understudy.proxy.front;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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
    ctx.fireChannelRead(child);
  }
}
