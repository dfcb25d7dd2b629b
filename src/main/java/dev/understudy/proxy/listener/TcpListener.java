package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.proxy.frontend.ConnectionLimits;
import dev.understudy.proxy.tcp.TcpListenerContext;
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
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener that relays TCP. With epoll there is one for each event loop ({@code SO_REUSEPORT}),
 * so that a connection is accepted where it is relayed: no other loop is woken for it. A first
 * socket without that option finds out whether another process has the port.
 */
// A failed close leaves a channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class TcpListener implements DynamicListener {
  private static final Logger log = LoggerFactory.getLogger(TcpListener.class);

  /** Connections that the kernel keeps for us, as Reactor Netty's default of somaxconn. */
  private static final int BACKLOG = 4096;

  /** The settings with which the port was bound. */
  private final Listener bound;

  private final TcpRelays relays;
  private final ConnectionLimits limits;
  private final ListeningSockets listening;
  private final List<Channel> sockets = new ArrayList<>();
  private volatile Listener settings;

  /** What holds for connections accepted from now on. */
  private volatile TcpListenerContext context;

  private TcpListener(
      Listener settings,
      @Nullable Supplier<SslContext> contexts,
      TcpRelays relays,
      ConnectionLimits limits,
      ListeningSockets listening) {
    this.bound = settings;
    this.relays = relays;
    this.limits = limits;
    this.listening = listening;
    this.settings = settings;
    this.context = new TcpListenerContext(settings, contexts);
  }

  /**
   * Binds the port.
   *
   * @throws RuntimeException if it cannot be bound; {@link BindFailureText} says why
   */
  static TcpListener bind(
      Listener settings,
      @Nullable Supplier<SslContext> contexts,
      EventLoopGroup loops,
      TcpRelays relays,
      ConnectionLimits limits,
      ListeningSockets listening) {
    TcpListener made = new TcpListener(settings, contexts, relays, limits, listening);
    try {
      made.open(loops);
      return made;
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
  }

  @Override
  public Listener settings() {
    return settings;
  }

  /** {@inheritDoc} They may have another name, unless any free port will do. */
  @Override
  public boolean canUse(Listener next) {
    boolean samePort =
        next.port() == 0
            ? bound.port() == 0 && settings.id().equals(next.id())
            : next.port() == port();
    return samePort
        && next.relaysTcp()
        && Objects.equals(bound.address(), next.address())
        && bound.proxyProtocol() == next.proxyProtocol();
  }

  @Override
  public void use(Listener next, @Nullable Supplier<SslContext> contexts) {
    settings = next;
    context = new TcpListenerContext(next, contexts);
  }

  @Override
  public int port() {
    return ((InetSocketAddress) sockets.get(0).localAddress()).getPort();
  }

  private void open(EventLoopGroup group) {
    InetSocketAddress wanted = DynamicListener.address(bound);
    List<EventLoop> loops = new ArrayList<>();
    for (EventExecutor each : group) {
      loops.add((EventLoop) each);
    }
    boolean shared = loops.size() > 1 && isEpoll(loops.get(0));
    if (!shared) {
      sockets.add(bind(wanted, loops.get(0), group, false));
      return;
    }
    InetSocketAddress free = probe(wanted, loops.get(0));
    for (EventLoop loop : loops) {
      sockets.add(bind(free, loop, loop, true));
    }
  }

  private static boolean isEpoll(EventLoop loop) {
    return SocketTypes.forLoop(loop) == EpollSocketChannel.class;
  }

  /** Binds the port alone and closes it; returns the address, with the port that was free. */
  private InetSocketAddress probe(InetSocketAddress wanted, EventLoop loop) {
    Channel alone = bind(wanted, loop, loop, false);
    InetSocketAddress found = (InetSocketAddress) alone.localAddress();
    alone.close().syncUninterruptibly();
    return new InetSocketAddress(wanted.getAddress(), found.getPort());
  }

  private Channel bind(
      InetSocketAddress address, EventLoop loop, EventLoopGroup children, boolean shared) {
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
            .option(ChannelOption.RECVBUF_ALLOCATOR, AcceptedAtOnce.allocator())
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    relays.accepted(client, () -> context);
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

  @Override
  public void accept() {
    for (Channel socket : sockets) {
      socket
          .eventLoop()
          .execute(
              () -> {
                limits.listen(socket, !bound.proxyProtocol());
                listening.add(socket);
              });
    }
    log.info("Listener {} relays TCP connections on port {}", bound.id(), port());
  }

  @Override
  public CompletionStage<Void> close() {
    sockets.forEach(socket -> socket.close().awaitUninterruptibly());
    return CompletableFuture.completedFuture(null);
  }
}
