package dev.understudy.probe;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One event loop thread of its own, so that a stalled data plane cannot stall probes, and its
 * transport: epoll if available, else NIO.
 */
final class ProbeEventLoop implements AutoCloseable {
  private static final boolean EPOLL = Epoll.isAvailable();

  private final EventLoopGroup group;
  private final EventLoop loop;

  ProbeEventLoop(String name) {
    IoHandlerFactory transport = EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name, true), transport);
    loop = group.next();
  }

  EventLoop loop() {
    return loop;
  }

  /** Runs {@code task} on the thread; ignored once closed, as no result is awaited any more. */
  void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      return;
    }
  }

  Class<? extends SocketChannel> socketType() {
    return EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /**
   * Makes a socket for a connection to {@code to}: of its family alone, which takes fewer calls.
   */
  SocketChannel socket(InetAddress to) {
    return EPOLL
        ? new EpollSocketChannel(
            to instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6)
        : new NioSocketChannel();
  }

  Class<? extends DatagramChannel> datagramType() {
    return EPOLL ? EpollDatagramChannel.class : NioDatagramChannel.class;
  }

  /** Closes all channels of the thread, and waits up to 2 s for its end. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
