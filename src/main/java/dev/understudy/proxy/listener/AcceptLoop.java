package dev.understudy.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/**
 * The event loop on which a listening socket accepts.
 *
 * @param children the loops of the connections: the same one, or all where that is not possible
 * @param shared whether the port has other sockets too ({@code SO_REUSEPORT})
 * @param descriptor of the socket, which listens already; null to open one
 */
record AcceptLoop(
    EventLoop loop, EventLoopGroup children, boolean shared, @Nullable Integer descriptor)
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

  @Override
  @SuppressWarnings("TypeParameterUnusedInFormals") // Reactor Netty's own signature
  public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
    C made;
    if (descriptor == null) {
      made = LoopResources.super.onChannel(type, group);
    } else {
      made = type.cast(new EpollServerSocketChannel(descriptor));
      made.pipeline().addLast(new BoundAlready());
    }
    made.pipeline().addLast(new AcceptGate());
    return made;
  }

  private static final class BoundAlready extends ChannelOutboundHandlerAdapter {
    @Override
    public void bind(ChannelHandlerContext ctx, SocketAddress address, ChannelPromise promise) {
      promise.setSuccess();
    }
  }
}
