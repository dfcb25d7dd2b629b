package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.proxy.front.ConnectionLimits;
import dev.understudy.proxy.tcp.TcpFront;
import dev.understudy.proxy.tcp.TcpRelays;
import dev.understudy.proxy.upstream.SocketTypes;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets of one port that relays TCP. With epoll there is one for each event loop
 * ({@code SO_REUSEPORT}), so that a connection is accepted where it is relayed: no other loop is
 * woken for it. A first socket without that option finds out whether another process has the port.
 */
// A failed close leaves a channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class TcpPort {
  /** Connections that the kernel keeps for us, as Reactor Netty's default of somaxconn. */
  private static final int BACKLOG = 4096;

  private final Listener bound;
  private final List<Channel> sockets = new ArrayList<>();
  private volatile @Nullable TcpFront front;

  private TcpPort(Listener bound) {
    this.bound = bound;
  }

  /**
   * Binds the port; connections wait in the kernel's backlog until {@link #start}.
   *
   * @throws RuntimeException if it cannot be bound; {@link BindFaults} says why
   */
  static TcpPort bind(Listener listener, EventLoopGroup loops, TcpRelays relays) {
    TcpPort port = new TcpPort(listener);
    try {
      port.open(loops, relays);
      return port;
    } catch (RuntimeException e) {
      port.close();
      throw e;
    }
  }

  /**
   * Whether a listener can have these sockets.
   *
   * @param name under which they are known
   */
  boolean isFor(String name, Listener listener) {
    boolean samePort = listener.port() == 0 ? bound.port() == 0 : isAtPortOf(listener);
    return samePort
        && (listener.port() != 0 || name.equals(listener.id()))
        && Objects.equals(bound.address(), listener.address())
        && bound.proxyProtocol() == listener.proxyProtocol();
  }

  /** Whether a listener wants the same port, on whatever address. */
  boolean isAtPortOf(Listener listener) {
    return listener.port() != 0 && listener.port() == port();
  }

  int port() {
    return address().getPort();
  }

  private InetSocketAddress address() {
    return (InetSocketAddress) sockets.get(0).localAddress();
  }

  private void open(EventLoopGroup group, TcpRelays relays) {
    InetSocketAddress wanted =
        bound.address() == null
            ? new InetSocketAddress(bound.port())
            : new InetSocketAddress(bound.address(), bound.port());
    List<EventLoop> loops = new ArrayList<>();
    for (EventExecutor each : group) {
      loops.add((EventLoop) each);
    }
    boolean shared = loops.size() > 1 && isEpoll(loops.get(0));
    if (!shared) {
      sockets.add(bind(wanted, loops.get(0), group, false, relays));
      return;
    }
    InetSocketAddress free = probe(wanted, loops.get(0), relays);
    for (EventLoop loop : loops) {
      sockets.add(bind(free, loop, loop, true, relays));
    }
  }

  private static boolean isEpoll(EventLoop loop) {
    return SocketTypes.forLoop(loop) == EpollSocketChannel.class;
  }

  /** Binds the port alone and closes it; returns the address, with the port that was free. */
  private InetSocketAddress probe(InetSocketAddress wanted, EventLoop loop, TcpRelays relays) {
    Channel alone = bind(wanted, loop, loop, false, relays);
    InetSocketAddress found = (InetSocketAddress) alone.localAddress();
    alone.close().syncUninterruptibly();
    return new InetSocketAddress(wanted.getAddress(), found.getPort());
  }

  private Channel bind(
      InetSocketAddress address,
      EventLoop loop,
      EventLoopGroup children,
      boolean shared,
      TcpRelays relays) {
    boolean epoll = isEpoll(loop);
    Class<? extends ServerChannel> type =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop, children)
            .channel(type)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.AUTO_READ, false)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new ServerChannelRecvByteBufAllocator()
                    .respectMaybeMoreData(false)
                    .maxMessagesPerRead(AcceptedAtOnce.MAX))
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    relays.accepted(client, TcpPort.this::front);
                  }
                });
    if (shared) {
      bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
    }
    ChannelFuture binding = bootstrap.bind(address).awaitUninterruptibly();
    if (!binding.isSuccess()) {
      Throwable cause = binding.cause();
      throw new IllegalStateException(cause.getMessage(), cause);
    }
    return binding.channel();
  }

  private TcpFront front() {
    TcpFront now = front;
    if (now == null) {
      throw new IllegalStateException("not in use yet");
    }
    return now;
  }

  /** Sets what holds for connections accepted from now on. */
  void use(TcpFront next) {
    front = next;
  }

  /** Begins to accept. */
  void start(ConnectionLimits limits, Listening listening) {
    for (Channel socket : sockets) {
      socket
          .eventLoop()
          .execute(
              () -> {
                limits.listen(socket, !bound.proxyProtocol());
                listening.add(socket);
              });
    }
  }

  /** Closes the sockets; accepted connections stay. */
  void close() {
    sockets.forEach(socket -> socket.close().awaitUninterruptibly());
  }
}
