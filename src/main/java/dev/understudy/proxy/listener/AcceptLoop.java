package dev.understudy.proxy.listener;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.ServerSocketChannel;
import reactor.netty.resources.LoopResources;

/**
 * The event loop on which a listening socket accepts.
 *
 * @param children the loops of the connections: the same one, or all where that is not possible
 * @param shared whether the port has other sockets too ({@code SO_REUSEPORT})
 */
record AcceptLoop(EventLoop loop, EventLoopGroup children, boolean shared)
    implements LoopResources {
  /** Makes the socket. */
  ServerChannel serverChannel() {
    return onChannel(ServerSocketChannel.class, loop);
  }

  @Override
  public EventLoopGroup onServer(boolean useNative) {
    return children;
  }

  @Override
  public EventLoopGroup onServerSelect(boolean useNative) {
    return loop;
  }
}
