package dev.understudy.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** Selects the type of socket that fits an event loop: epoll or NIO. */
public final class SocketTypes {
  private SocketTypes() {}

  /** The channel type for that event loop. */
  public static Class<? extends Channel> forLoop(EventLoop loop) {
    boolean epoll =
        Epoll.isAvailable() && loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** Makes a socket of that type. */
  static Channel make(Class<? extends Channel> type) {
    return type == EpollSocketChannel.class ? new EpollSocketChannel() : new NioSocketChannel();
  }
}
