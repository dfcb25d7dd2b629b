package dev.understudy.proxy.frontend;

import dev.understudy.fairness.ClientNetwork;
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
 *   <li>Per client network: it may hold 15 times as many as are free (dynamic thresholds, as in
 *       {@link ClientMemoryBudget}); an additional connection is closed at once. Alone it so gets
 *       15 of 16 places, as all clients behind one load balancer do, and two that began at once get
 *       15 of 31 each: something stays for networks that hold none, whatever the others do with
 *       theirs. Of fewer than 16 places in all it gets all. From half its share on, each of its
 *       connections makes room as if the limit were reached.
 *   <li>Per address: an additional connection is closed at once. IPv6 addresses count by their /64,
 *       the usual assignment to one customer (RFC 6177 §2).
 * </ul>
 */
public final class ConnectionLimits {
  /** The time that every connection has to say what it wants before it is closed to make room. */
  public static final long SPARED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How many times the free places a client network may hold. */
  private static final int SHARE = 15;

  /** How long nobody is asked to make room for a network after nobody could: 100 ms. */
  private static final long BARREN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long room is made for a network later, if nobody could at once: 2 s. */
  private static final long WANTED_NANOS = 2 * SPARED_NANOS;

  private final int max;
  private final OptionalInt maxPerAddress;
  private final Consumer<Limit> limited;

  private final ClientMemoryBudget memory;
  private final ClientMemories memories;
  private final WindowBudget windows = WindowBudget.ofProcess();
  private final AtomicInteger connections = new AtomicInteger();

  /** The connections of each address that has any; empty without a limit. */
  private final Map<Long, Integer> perAddress = new ConcurrentHashMap<>();

  /** The connections of each client network that has any. */
  private final Map<ClientNetwork, Integer> perNetwork = new ConcurrentHashMap<>();

  /** When nobody could make room, by {@link System#nanoTime}. */
  private volatile long barrenNanos = System.nanoTime() - WANTED_NANOS;

  /** When room was last made for a network that was refused. */
  private volatile long refusedNanos = System.nanoTime() - BARREN_NANOS;

  /** Whether nobody has made room since then. */
  private volatile boolean roomWanted;

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
   * Closes a connection of an event loop if there is still no room, as none may have waited long
   * enough before; called about every 100 ms.
   *
   * @param longestWaiting as that of {@link #addShedder}
   */
  public void makeRoomLater(BooleanSupplier longestWaiting) {
    boolean wanted = roomWanted && System.nanoTime() - barrenNanos < WANTED_NANOS;
    if ((wanted || isFull()) && longestWaiting.getAsBoolean()) {
      roomWanted = false;
    }
  }

  /**
   * Counts an accepted connection for the client that it names, until it is closed. Returns false
   * if the client or its network has reached its limit.
   */
  public boolean admit(Channel connection, IpAddress client) {
    // Its own place is taken already.
    return admit(connection, client, free() + 1);
  }

  private boolean admit(Channel connection, IpAddress client, int free) {
    boolean admitted = admit(client, free);
    ClientMemory.named(connection, client);
    if (admitted) {
      connection.closeFuture().addListener(closed -> left(client));
    }
    return admitted;
  }

  private int free() {
    return max - connections.get();
  }

  /**
   * Counts one more connection of the client. Returns false if the client or its network has
   * reached its limit.
   *
   * @param free the places that are free without this connection
   */
  boolean admit(IpAddress client, int free) {
    ClientNetwork network = ClientNetwork.of(client);
    int held = perNetwork.merge(network, 1, Integer::sum);
    boolean tooMany = held > 1 && held > (long) SHARE * free;
    // With the last place the limit itself makes room.
    if (held > SHARE / 2L * free && (tooMany || free > 1) && mayMakeRoom(tooMany)) {
      makeRoom(() -> true);
    }
    if (tooMany) {
      leave(perNetwork, network);
      limited.accept(Limit.CONNECTIONS);
      return false;
    }
    if (maxPerAddress.isPresent()
        && perAddress.merge(client.key(), 1, Integer::sum) > maxPerAddress.getAsInt()) {
      left(client);
      limited.accept(Limit.CONNECTIONS_PER_ADDRESS);
      return false;
    }
    return true;
  }

  /**
   * Whether room is made for a network that has much. One that is refused, as often as it likes,
   * must not have the idle connections of others closed as often.
   */
  private boolean mayMakeRoom(boolean refused) {
    long now = System.nanoTime();
    if (now - barrenNanos < BARREN_NANOS || (refused && now - refusedNanos < BARREN_NANOS)) {
      return false;
    }
    refusedNanos = refused ? now : refusedNanos;
    return true;
  }

  /** Counts the end of an admitted connection. */
  void left(IpAddress client) {
    leave(perNetwork, ClientNetwork.of(client));
    if (maxPerAddress.isPresent()) {
      leave(perAddress, client.key());
    }
  }

  private static <K> void leave(Map<K, Integer> counts, K key) {
    counts.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
  }

  /** Counts an accepted connection; {@link #closed} must follow. */
  void accepted() {
    if (connections.incrementAndGet() >= max) {
      followAll();
      limited.accept(Limit.CONNECTIONS);
      makeRoom(this::isFull);
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

  /** Asks one event loop after another until one has closed a connection, while that is wanted. */
  private void makeRoom(BooleanSupplier wanted) {
    makeRoom(wanted, turn.getAndIncrement(), shedders.size());
  }

  private void makeRoom(BooleanSupplier wanted, int from, int loops) {
    if (loops == 0) {
      barrenNanos = System.nanoTime();
      roomWanted = true;
      return;
    }
    Shedder next = shedders.get(Math.floorMod(from, shedders.size()));
    execute(
        next.loop(),
        () -> {
          if (wanted.getAsBoolean() && !next.longestWaiting().getAsBoolean()) {
            makeRoom(wanted, from + 1, loops - 1);
          }
        });
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
      if (from != null && !admit(child, from, free())) {
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
