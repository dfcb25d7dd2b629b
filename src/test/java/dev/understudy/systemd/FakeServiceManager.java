package dev.understudy.systemd;

import dev.understudy.testing.Await;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A datagram socket that remembers the notifications of a service. */
public final class FakeServiceManager implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Channel channel;

  private FakeServiceManager(String path) {
    channel =
        new Bootstrap()
            .group(group)
            .channel(EpollDomainDatagramChannel.class)
            .handler(
                new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                  @Override
                  protected void channelRead0(
                      ChannelHandlerContext context, DomainDatagramPacket packet) {
                    lines.addAll(
                        packet.content().toString(StandardCharsets.UTF_8).lines().toList());
                  }
                })
            .bind(new DomainSocketAddress(path))
            .syncUninterruptibly()
            .channel();
  }

  public static FakeServiceManager listen(Path path) {
    return new FakeServiceManager(path.toString());
  }

  /** Listens at an abstract name, which {@code NOTIFY_SOCKET} has with an at sign before it. */
  static FakeServiceManager listenAbstract(String name) {
    return new FakeServiceManager('\0' + name);
  }

  /** All assignments so far, in order. */
  public List<String> lines() {
    return lines;
  }

  public void await(String line) {
    Await.until(
        "the service manager got " + line + "; it has " + lines, () -> lines.contains(line));
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
  }
}
