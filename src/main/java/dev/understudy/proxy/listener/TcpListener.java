package dev.understudy.proxy.listener;

import dev.understudy.handover.Inheritance;
import dev.understudy.pool.Listener;
import dev.understudy.proxy.frontend.ConnectionLimits;
import dev.understudy.proxy.tcp.TcpListenerContext;
import dev.understudy.proxy.tcp.TcpRelays;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listener that relays TCP. */
final class TcpListener implements DynamicListener {
  private static final Logger log = LoggerFactory.getLogger(TcpListener.class);

  /** Connections that the kernel keeps for us, as Reactor Netty's default of somaxconn. */
  private static final int BACKLOG = 4096;

  /** The settings with which the port was bound. */
  private final Listener bound;

  private final TcpRelays relays;
  private final ConnectionLimits limits;
  private final ListeningSockets listening;
  private final LoopSockets sockets;
  private volatile Listener settings;

  /** What holds for connections accepted from now on. */
  private volatile TcpListenerContext context;

  private TcpListener(
      Listener settings,
      @Nullable TlsSupply contexts,
      EventLoopGroup loops,
      TcpRelays relays,
      ConnectionLimits limits,
      Inheritance inherited,
      ListeningSockets listening) {
    this.bound = settings;
    this.relays = relays;
    this.limits = limits;
    this.listening = listening;
    this.settings = settings;
    this.context = context(settings, contexts);
    this.sockets =
        LoopSockets.open(
            settings.id(), DynamicListener.address(settings), loops, inherited, this::bind);
  }

  /**
   * Binds the port.
   *
   * @throws RuntimeException if it cannot be bound; {@link BindFailureText} says why
   */
  static TcpListener bind(
      Listener settings,
      @Nullable TlsSupply contexts,
      EventLoopGroup loops,
      TcpRelays relays,
      ConnectionLimits limits,
      Inheritance inherited,
      ListeningSockets listening) {
    return new TcpListener(settings, contexts, loops, relays, limits, inherited, listening);
  }

  @Override
  public Listener settings() {
    return settings;
  }

  /** {@inheritDoc} The name may differ, unless the port is any free one. */
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
  public void use(Listener next, @Nullable TlsSupply contexts) {
    settings = next;
    context = context(next, contexts);
  }

  private static TcpListenerContext context(Listener settings, @Nullable TlsSupply contexts) {
    return new TcpListenerContext(settings, contexts == null ? null : contexts.own());
  }

  @Override
  public int port() {
    return sockets.port();
  }

  private Channel bind(InetSocketAddress address, AcceptLoop place) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(place.loop(), place.children())
            .channelFactory(place::serverChannel)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.RECVBUF_ALLOCATOR, AcceptedAtOnce.allocator())
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    relays.accepted(client, () -> context);
                  }
                });
    if (place.shared()) {
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
  public LoopSockets sockets() {
    return sockets;
  }

  @Override
  public void accept() {
    sockets.accept(limits, !bound.proxyProtocol(), listening);
    log.info("Listener {} relays TCP connections on port {}", bound.id(), port());
  }

  @Override
  public CompletionStage<Void> close() {
    return sockets.close();
  }
}
