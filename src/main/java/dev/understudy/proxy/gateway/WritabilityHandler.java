package dev.understudy.proxy.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import reactor.netty.NettyPipeline;

/**
 * Tells the request of a channel that it can be written to again; Reactor Netty asks for more only
 * every hundred pieces.
 */
final class WritabilityHandler extends ChannelInboundHandlerAdapter {
  private static final String NAME = NettyPipeline.LEFT + "understudyWritability";

  private Runnable follower;

  private WritabilityHandler(Runnable follower) {
    this.follower = follower;
  }

  /** One follower at a time: a channel's requests come one after the other. */
  static void follow(Channel channel, Runnable follower) {
    if (channel.pipeline().get(NAME) instanceof WritabilityHandler present) {
      present.follower = follower;
    } else if (channel.pipeline().get(NettyPipeline.ReactiveBridge) != null) {
      channel
          .pipeline()
          .addBefore(NettyPipeline.ReactiveBridge, NAME, new WritabilityHandler(follower));
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    follower.run();
    ctx.fireChannelWritabilityChanged();
  }
}
