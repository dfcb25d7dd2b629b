package dev.understudy.proxy.tunnel;

import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.session.Stickiness;
import dev.understudy.testing.Await;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.RequestEnd;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Real sockets around the tunnels: a listener that joins each client to a new connection to a
 * server, on one event loop and without any handshake. What is allocated is counted, so that
 * closing the rig fails on a leak.
 */
final class TunnelRig implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  final TunnelSnapshots snapshots = new TunnelSnapshots();
  final Recorder reports = new Recorder();
  final Tunnels tunnels;
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
  private final Transport transport;
  private final MultiThreadIoEventLoopGroup loops;
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Channel listener;
  private final @Nullable SslContext tls;
  private final Consumer<Channel> prepare;
  private CompletableFuture<Opened> opening = new CompletableFuture<>();
  private Stickiness held = Stickiness.NONE;
  private boolean webSocket = true;

  /** How a tunnel ended. */
  record End(RequestEnd reason, long bytesIn, long bytesOut) {}

  private record Opened(Channel client, Channel upstream, CompletableFuture<End> end) {}

  /** One tunnel with its two far ends. */
  record Wire(
      Socket client,
      Socket server,
      Channel clientChannel,
      Channel serverChannel,
      CompletableFuture<End> ended)
      implements AutoCloseable {
    End end() throws Exception {
      return ended.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
    }
  }

  TunnelRig(Transport transport, Duration patience) throws IOException {
    this(transport, bound -> 0, patience, null, any -> {});
  }

  /**
   * With a choice of delays.
   *
   * @param tls what clients speak; null: plain
   * @param prepare called for each client's channel; with anything but an empty pipeline, it opens
   *     the tunnel itself by {@link #join}
   */
  TunnelRig(
      Transport transport,
      LongUnaryOperator random,
      Duration patience,
      @Nullable SslContext tls,
      Consumer<Channel> prepare)
      throws IOException {
    this.transport = transport;
    boolean epoll = transport == Transport.EPOLL;
    loops =
        new MultiThreadIoEventLoopGroup(
            1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    this.tls = tls;
    this.prepare = prepare;
    tunnels = new Tunnels(snapshots, reports, random, patience);
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel client) {
                    accept(client);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  private void accept(Channel client) {
    if (tls != null) {
      client.pipeline().addLast(tls.newHandler(client.alloc()));
    }
    int before = client.pipeline().names().size();
    prepare.accept(client);
    if (client.pipeline().names().size() == before) {
      join(client);
    }
  }

  /** Connects a server to that client and opens the tunnel. */
  void join(Channel client) {
    new Bootstrap()
        .group(client.eventLoop())
        .channel(transport == Transport.EPOLL ? EpollSocketChannel.class : NioSocketChannel.class)
        .option(ChannelOption.ALLOCATOR, allocator)
        .option(ChannelOption.AUTO_READ, false)
        // As of connections to servers.
        .option(ChannelOption.AUTO_CLOSE, false)
        .handler(new ChannelInboundHandlerAdapter())
        .connect(server.getLocalSocketAddress())
        .addListener(
            (io.netty.channel.ChannelFutureListener)
                connected -> open(client, connected.channel()));
  }

  private void open(Channel client, Channel upstream) {
    CompletableFuture<End> end = new CompletableFuture<>();
    TunnelFactory.Listener told =
        (reason, bytesIn, bytesOut) -> end.complete(new End(reason, bytesIn, bytesOut));
    tunnels.open(client, upstream, snapshots.selected(held), webSocket, told);
    opening.complete(new Opened(client, upstream, end));
  }

  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Opens one tunnel to the master. */
  Wire wire() throws Exception {
    return wire(new Socket(InetAddress.getLoopbackAddress(), port()));
  }

  /** Opens one that its route holds on the master. */
  Wire preferredWire() throws Exception {
    held = new Stickiness(true, false);
    return wire();
  }

  /** Opens one that belongs to a session. */
  Wire sessionWire() throws Exception {
    held = new Stickiness(false, true);
    return wire();
  }

  /** Opens one of a protocol of which nothing is known. */
  Wire unknownWire() throws Exception {
    beUnknown();
    return wire();
  }

  /** Has later tunnels carry a protocol of which nothing is known. */
  void beUnknown() {
    webSocket = false;
  }

  /** Opens one for a client that is connected already. */
  Wire wire(Socket client) throws Exception {
    client.setSoTimeout((int) DEADLINE.toMillis());
    Socket accepted = acceptedByServer();
    Opened opened = opening.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    opening = new CompletableFuture<>();
    return new Wire(client, accepted, opened.client(), opened.upstream(), opened.end());
  }

  private Socket acceptedByServer() throws IOException {
    server.setSoTimeout((int) DEADLINE.toMillis());
    Socket accepted = server.accept();
    accepted.setSoTimeout((int) DEADLINE.toMillis());
    return accepted;
  }

  int open() {
    return snapshots.masterTraffic.tunnels().get();
  }

  @Override
  public void close() throws Exception {
    listener.close().sync();
    server.close();
    tunnels.close();
    Await.until("no tunnel is open", () -> open() == 0);
    Await.until(
        "all buffers are free",
        () ->
            allocator.metric().usedDirectMemory() == 0 && allocator.metric().usedHeapMemory() == 0);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }
}
