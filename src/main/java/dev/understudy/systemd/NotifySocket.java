package dev.understudy.systemd;

import dev.understudy.text.FailureText;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connected datagram socket towards the service manager, with a thread of its own. The JDK has
 * no such sockets, Netty's native transport has.
 */
final class NotifySocket implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NotifySocket.class);

  /** In characters. */
  private static final int MAX_REASON = 200;

  private final EventLoopGroup group;
  private final Channel channel;

  private NotifySocket(EventLoopGroup group, Channel channel) {
    this.group = group;
    this.channel = channel;
  }

  /**
   * Connects; waits for it.
   *
   * @param address the value of {@code NOTIFY_SOCKET}: an absolute path, or {@code @} and an
   *     abstract name
   * @throws IOException if the address has another form, nothing listens there, or Netty's native
   *     transport does not run here
   */
  static NotifySocket connect(String address) throws IOException {
    DomainSocketAddress peer = new DomainSocketAddress(path(address));
    if (!Epoll.isAvailable()) {
      throw new IOException("Netty's native transport is not available on this system");
    }
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("understudy-systemd", true), EpollIoHandler.newFactory());
    ChannelFuture connected =
        new Bootstrap()
            .group(group)
            .channel(EpollDomainDatagramChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(peer)
            .awaitUninterruptibly();
    if (!connected.isSuccess()) {
      end(group);
      throw new IOException(
          address + ": " + FailureText.of(connected.cause(), MAX_REASON), connected.cause());
    }
    return new NotifySocket(group, connected.channel());
  }

  /** Returns the address as the kernel knows it: an abstract name begins with a zero byte. */
  private static String path(String address) throws IOException {
    if (address.startsWith("@")) {
      return '\0' + address.substring(1);
    }
    if (address.startsWith("/")) {
      return address;
    }
    throw new IOException(address + ": expected an absolute path, or @ and an abstract name");
  }

  EventLoop thread() {
    return channel.eventLoop();
  }

  /**
   * Sends one notification.
   *
   * @param assignments as in sd_notify(3), such as {@code READY=1}
   */
  void send(String... assignments) {
    var unused =
        channel
            .writeAndFlush(
                Unpooled.copiedBuffer(String.join("\n", assignments), StandardCharsets.UTF_8))
            .addListener(
                sent -> {
                  if (!sent.isSuccess()) {
                    log.debug("The service manager was not notified", sent.cause());
                  }
                });
  }

  /** Ends the thread after what it has been given. */
  @Override
  public void close() {
    end(group);
  }

  private static void end(EventLoopGroup group) {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
