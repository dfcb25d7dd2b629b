package dev.understudy.proxy.frontend;

import dev.understudy.network.IpAddress;
import dev.understudy.proxy.flowcontrol.WindowBudget;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Counts and limits client connections, in total and per address; one instance per process.
 * Thread-safe.
 *
 * <ul>
 *   <li>In total: at {@code max-connections} every listener stops accepting (HAProxy {@code
 *       maxconn}), and new connections wait in the kernel's backlog. Closes the connection that has
 *       waited longest without a request to make room, as long as there is one; of a TCP listener,
 *       one whose PROXY protocol header, TLS handshake or ClientHello is awaited. A flood of idle
 *       connections so competes only with itself, unless a TCP server keeps them.
 *   <li>Per address: an additional connection is closed at once. IPv6 addresses count by their /64,
 *       the usual assignment to one customer (RFC 6177 §2).
 * </ul>
 */
public final class ConnectionLimits {
  /** The time that every connection has to say what it wants before it is closed to make room. */
  public static final long SPARED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final int max;
  private final OptionalInt maxPerAddress;
  private final Consumer<Limit> limited;

  private final ClientMemoryBudget memory;
  private final ClientMemories memories;
  private final WindowBudget windows = WindowBudget.ofProcess();
  private final AtomicInteger connections = new AtomicInteger();

  /** The connections of each address that has any; empty without a limit. */
  private final Map<Long, Integer> perAddress = new ConcurrentHashMap<>();

  private final List<Channel> listening = new CopyOnWriteArrayList<>();
  private final List<Shedder> shedders = new CopyOnWriteArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();

  private record Shedder(Executor loop, BooleanSupplier longestWaiting) {}

  /**
   * Creates the counts, all zero.
   *
   * @param limited called each time a limit is reached
   */
  public ConnectionLimits(FrontendLimits limits, Consumer<Limit> limited) {
    this.max = limits.maxConnections();
    this.maxPerAddress = limits.maxConnectionsPerAddress();
    this.limited = limited;
    this.memory =
        new ClientMemoryBudget(limits.memory(), () -> limited.accept(Limit.CLIENT_MEMORY));
    this.memories = new ClientMemories(memory);
  }

  /** The memory for what waits for clients or their servers. */
  public ClientMemoryBudget memory() {
    return memory;
  }

  /** The memory for windows of HTTP/2 connections. */
  public WindowBudget windows() {
    return windows;
  }

  /** The present number of client connections, tunnels included. */
  public int connections() {
    return connections.get();
  }

  /** Whether {@code max-connections} is reached. */
  public boolean isFull() {
    return connections.get() >= max;
  }

  /**
   * Counts the connections that the bound channel accepts from now on, and pauses accepting while
   * the limit is reached. Call only on the channel's event loop: called elsewhere, connections
   * accepted before the loop's next task would not be counted.
   *
   * @param countAddresses whether a connection's peer is the client; if not, as with the PROXY
   *     protocol, the connection's handler calls {@link #admit(Channel, IpAddress)} once it knows
   *     the client
   */
  public void listen(Channel server, boolean countAddresses) {
    listening.add(server);
    server.closeFuture().addListener(closed -> listening.remove(server));
    server.pipeline().addFirst(new AcceptHandler(countAddresses));
    follow(server);
  }

  /**
   * Adds the waiting connections of one event loop to those that may be closed to make room.
   *
   * @param longestWaiting runs on the loop: closes the connection that has waited longest for a
   *     request or for the rest of its head, and returns whether there was one. While the limit
   *     stays reached, the loop itself closes further ones
   */
  public void addShedder(Executor loop, BooleanSupplier longestWaiting) {
    shedders.add(new Shedder(loop, longestWaiting));
  }

  /**
   * Counts the connection for the client until it is closed. Returns false if the client has
   * reached its limit.
   */
  public boolean admit(Channel connection, IpAddress client) {
    boolean admitted = admit(client);
    ClientMemory.named(connection, client);
    if (admitted && maxPerAddress.isPresent()) {
      connection.closeFuture().addListener(closed -> left(client));
    }
    return admitted;
  }

  /**
   * Counts one more connection of the client. Returns false if the client has reached its limit.
   */
  boolean admit(IpAddress client) {
    if (maxPerAddress.isEmpty()) {
      return true;
    }
    if (perAddress.merge(client.key(), 1, Integer::sum) > maxPerAddress.getAsInt()) {
      left(client);
      limited.accept(Limit.CONNECTIONS_PER_ADDRESS);
      return false;
    }
    return true;
  }

  /** Counts the end of an admitted connection. */
  void left(IpAddress client) {
    if (maxPerAddress.isPresent()) {
      perAddress.computeIfPresent(client.key(), (key, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Counts an accepted connection; {@link #closed} must follow. */
  void accepted() {
    if (connections.incrementAndGet() >= max) {
      followAll();
      limited.accept(Limit.CONNECTIONS);
      makeRoom(turn.getAndIncrement(), shedders.size());
    }
  }

  void closed() {
    if (connections.decrementAndGet() == max - 1) {
      followAll();
    }
  }

  private void followAll() {
    listening.forEach(this::follow);
  }

  /**
   * Starts or stops accepting. Only the channel's own event loop does so, from the newest count, so
   * the order of updates does not matter.
   */
  private void follow(Channel server) {
    if (server.eventLoop().inEventLoop()) {
      server.config().setAutoRead(!isFull());
    } else {
      execute(server.eventLoop(), () -> server.config().setAutoRead(!isFull()));
    }
  }

  /** Asks one event loop after another until one has closed a connection. */
  private void makeRoom(int from, int loops) {
    if (loops > 0) {
      Shedder next = shedders.get(Math.floorMod(from, shedders.size()));
      execute(
          next.loop(),
          () -> {
            if (isFull() && !next.longestWaiting().getAsBoolean()) {
              makeRoom(from + 1, loops - 1);
            }
          });
    }
  }

  private static void execute(Executor loop, Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // The event loop has stopped, and its connections with it.
    }
  }

  /**
   * Counts the connections that a listening channel accepts, and closes those beyond a client's
   * limit. The first handler of that channel's pipeline.
   */
  private final class AcceptHandler extends ChannelInboundHandlerAdapter {
    private final boolean countAddresses;

    AcceptHandler(boolean countAddresses) {
      this.countAddresses = countAddresses;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      Channel child = (Channel) msg;
      IpAddress from = countAddresses ? IpAddress.of(child.remoteAddress()) : null;
      if (from != null && !admit(child, from)) {
        // The connection has no event loop yet.
        child.unsafe().closeForcibly();
        return;
      }
      child.closeFuture().addListener(closed -> closed());
      accepted();
      memories.follow(child);
      wantRead(child);
      ctx.fireChannelRead(child);
    }

    /**
     * Requests a read before the event loop registers the connection: in most protocols the client
     * sends first. This saves a system call, since the socket is added to epoll for reading at once
     * instead of modified later.
     */
    private static void wantRead(Channel child) {
      if (child instanceof EpollSocketChannel) {
        // Auto-read goes off first: Reactor Netty will turn it off, which would cancel the pending
        // read.
        child.config().setAutoRead(false);
        child.unsafe().beginRead();
      }
    }
  }
}
