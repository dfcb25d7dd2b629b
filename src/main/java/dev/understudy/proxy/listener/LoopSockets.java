package dev.understudy.proxy.listener;

import dev.understudy.handover.Inheritance;
import dev.understudy.handover.OfferedSocket;
import dev.understudy.proxy.frontend.ConnectionLimits;
import dev.understudy.proxy.upstream.SocketTypes;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServer;

/**
 * The listening sockets of one address. With epoll there is one for each event loop ({@code
 * SO_REUSEPORT}), so that a connection is accepted where it is served: no other loop is woken for
 * it. They accept nothing before {@link #accept}; until then clients wait in the kernel.
 */
final class LoopSockets {
  /** Opens one socket, which does not accept yet. */
  @FunctionalInterface
  interface Opener {
    /**
     * Opens it.
     *
     * @throws RuntimeException if it cannot be opened; {@link BindFailureText} says why
     */
    Channel open(InetSocketAddress address, AcceptLoop place);
  }

  /** How many free ports are tried. */
  private static final int FREE_PORTS = 5;

  private final String name;
  private final InetSocketAddress wanted;
  private final List<EventLoop> loops;
  private final Opener opener;
  private volatile List<Channel> sockets = List.of();

  /** What waits to be accepted; null before {@link #accept}. */
  private volatile @Nullable List<CompletableFuture<AcceptQueue>> queues;

  private LoopSockets(String name, InetSocketAddress wanted, List<EventLoop> loops, Opener opener) {
    this.name = name;
    this.wanted = wanted;
    this.loops = loops;
    this.opener = opener;
  }

  /**
   * Opens the sockets, all or none. Where a predecessor has the port at another address, they are
   * opened by {@link #accept}: until then all clients are its own.
   *
   * @param name the listener's
   * @param wanted port 0: any free one
   * @param loops share the connections
   * @param inherited has sockets that may be used instead of new ones
   * @throws RuntimeException if the port cannot be bound; {@link BindFailureText} says why
   */
  static LoopSockets open(
      String name,
      InetSocketAddress wanted,
      EventLoopGroup loops,
      Inheritance inherited,
      Opener opener) {
    List<EventLoop> each = new ArrayList<>();
    for (EventExecutor loop : loops) {
      each.add((EventLoop) loop);
    }
    LoopSockets opened = new LoopSockets(name, wanted, each, opener);
    List<Integer> descriptors = inherited.take(name, wanted);
    if (!descriptors.isEmpty()) {
      // Too few for all loops: each accepts for all. Too many: a loop has several.
      boolean few = descriptors.size() < each.size();
      List<AcceptLoop> places = new ArrayList<>();
      for (int i = 0; i < descriptors.size(); i++) {
        EventLoop loop = each.get(i % each.size());
        places.add(new AcceptLoop(loop, few ? loops : loop, false, descriptors.get(i)));
      }
      opened.open(wanted, places);
    } else if (SocketTypes.forLoop(each.get(0)) != EpollSocketChannel.class) {
      opened.open(wanted, List.of(new AcceptLoop(each.get(0), loops, false, null)));
    } else if (inherited.hasPort(wanted.getPort())) {
      bindable(wanted, true);
    } else {
      opened.openShared();
    }
    return opened;
  }

  /** Tries other free ports if somebody else takes one between the look at it and its opening. */
  private void openShared() {
    for (int left = wanted.getPort() == 0 ? FREE_PORTS : 1; left > 0; left--) {
      InetSocketAddress address = bindable(wanted, false);
      try {
        openShared(address);
        return;
      } catch (RuntimeException e) {
        if (left == 1) {
          throw e;
        }
      }
    }
  }

  private void openShared(InetSocketAddress address) {
    open(address, loops.stream().map(loop -> new AcceptLoop(loop, loop, true, null)).toList());
  }

  private void open(InetSocketAddress address, List<AcceptLoop> places) {
    List<Channel> opened = new ArrayList<>();
    try {
      places.forEach(place -> opened.add(opener.open(address, place)));
    } catch (RuntimeException e) {
      opened.forEach(socket -> socket.close().awaitUninterruptibly());
      throw e;
    }
    sockets = List.copyOf(opened);
  }

  /** Opens those of an HTTP server, whose own address and event loops do not matter. */
  static LoopSockets open(
      String name,
      InetSocketAddress wanted,
      EventLoopGroup loops,
      Inheritance inherited,
      HttpServer server) {
    return open(
        name,
        wanted,
        loops,
        inherited,
        (address, place) -> {
          HttpServer one = server.runOn(place).bindAddress(() -> address);
          HttpServer bound =
              place.shared() ? one.option(UnixChannelOption.SO_REUSEPORT, true) : one;
          // A port is bound without asking the network: it takes long only while the loop is busy.
          return Objects.requireNonNull(bound.bind().block()).channel();
        });
  }

  /**
   * Binds an address and releases it again, to find out whether that is possible; returns it with
   * the port that it got. Sockets that share a port do not find out by themselves that another
   * process of the same user has it with the same option.
   *
   * @param shared whether that other process is no problem
   */
  private static InetSocketAddress bindable(InetSocketAddress wanted, boolean shared) {
    try (SocketChannel alone = SocketChannel.open()) {
      if (shared) {
        alone.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      alone.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(wanted);
      InetSocketAddress found = (InetSocketAddress) alone.getLocalAddress();
      return new InetSocketAddress(wanted.getAddress(), found.getPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /**
   * Finds out whether the next address, which has the same port, can be bound once these sockets
   * are closed.
   *
   * @throws RuntimeException if it cannot; {@link BindFailureText} says why
   */
  void requireSuccession(InetSocketAddress next) {
    boolean shared = sockets.stream().allMatch(EpollServerSocketChannel.class::isInstance);
    bindable(shared ? next : new InetSocketAddress(next.getAddress(), 0), shared);
  }

  /** Offers the open ones to a successor; without epoll there are none to offer. */
  void offer(BiConsumer<OfferedSocket, Integer> to) {
    sockets.forEach(socket -> offer(name, socket, to));
  }

  /** Offers a socket, unless it is closed or not one of epoll. */
  static void offer(String name, @Nullable Channel socket, BiConsumer<OfferedSocket, Integer> to) {
    if (socket instanceof EpollServerSocketChannel open && open.isOpen()) {
      InetSocketAddress at = open.localAddress();
      to.accept(
          new OfferedSocket(name, at.getAddress().getHostAddress(), at.getPort()),
          open.fd().intValue());
    }
  }

  /** The bound port. */
  int port() {
    List<Channel> open = sockets;
    return open.isEmpty()
        ? wanted.getPort()
        : ((InetSocketAddress) open.get(0).localAddress()).getPort();
  }

  /**
   * Begins to accept connections; once.
   *
   * @param countAddresses whether a connection's peer is the client
   * @throws RuntimeException if the sockets are opened only now, and cannot be
   */
  void accept(ConnectionLimits limits, boolean countAddresses, ListeningSockets listening) {
    if (sockets.isEmpty()) {
      openShared(wanted);
    }
    List<CompletableFuture<AcceptQueue>> begun = new ArrayList<>();
    for (Channel socket : sockets) {
      CompletableFuture<AcceptQueue> queue = new CompletableFuture<>();
      begun.add(queue);
      try {
        socket
            .eventLoop()
            .execute(
                () -> {
                  limits.listen(socket, countAddresses);
                  queue.complete(listening.add(socket));
                  AcceptGate.open(socket);
                });
      } catch (RejectedExecutionException stopped) {
        // The process is ending, and the socket with its loop.
        queue.completeExceptionally(stopped);
      }
    }
    queues = begun;
  }

  /**
   * Closes the sockets, once what clients have begun is accepted.
   *
   * @return completed when they are closed, even after an error
   */
  CompletableFuture<Void> close() {
    List<CompletableFuture<AcceptQueue>> accepting = queues;
    return CompletableFuture.allOf(
        accepting == null
            ? sockets.stream().map(LoopSockets::closeNow).toArray(CompletableFuture[]::new)
            : accepting.stream()
                .map(queue -> queue.thenCompose(AcceptQueue::close).exceptionally(gone -> null))
                .toArray(CompletableFuture[]::new));
  }

  private static CompletableFuture<Void> closeNow(Channel socket) {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    var unused = socket.close().addListener(done -> closed.complete(null));
    return closed;
  }
}
