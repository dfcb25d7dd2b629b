package dev.understudy.proxy.front;

import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * How many clients are connected, in all and from each address; one in each process. Safe for any
 * thread.
 *
 * <ul>
 *   <li>In all: with {@code max-connections} no listener accepts another (HAProxy {@code maxconn});
 *       who comes waits in the kernel's backlog. Room is made for them as long as somebody is
 *       connected without a request: the one who has been so longest is closed. A flood of
 *       connections that ask for nothing so only competes with itself.
 *   <li>From one address: one more is closed at once. IPv6 addresses count by their /64, which is
 *       what one customer has (RFC 6177 §2).
 * </ul>
 */
public final class ConnectionLimits {
  /** No IPv6 client has it (ff00::/8 is multicast), so that no IPv4 address looks like a /64. */
  private static final long IPV4 = 0xffff_ffff_0000_0000L;

  private final int max;
  private final OptionalInt maxPerAddress;
  private final Consumer<Limit> told;

  private final AtomicInteger connections = new AtomicInteger();

  /** Of those addresses only that have one; empty without a limit. */
  private final Map<Long, Integer> perAddress = new ConcurrentHashMap<>();

  private final List<Channel> listening = new CopyOnWriteArrayList<>();
  private final List<Shedder> shedders = new CopyOnWriteArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();

  private record Shedder(Executor loop, BooleanSupplier longestWaiting) {}

  /**
   * Nobody is connected yet.
   *
   * @param told whenever a limit is reached
   */
  public ConnectionLimits(FrontLimits limits, Consumer<Limit> told) {
    this.max = limits.maxConnections();
    this.maxPerAddress = limits.maxConnectionsPerAddress();
    this.told = told;
  }

  /** Connections of clients now, tunnels included. */
  public int connections() {
    return connections.get();
  }

  /** Whether there is no place left. */
  public boolean isFull() {
    return connections.get() >= max;
  }

  /**
   * Counts what that bound channel accepts from now on, and lets it accept while there is room.
   * Only called on its event loop: from elsewhere, what is accepted before the loop's next task
   * would not be counted.
   *
   * @param countAddresses whether a connection's peer is the client; if not, as behind the PROXY
   *     protocol, the connection's handler asks when it knows the client
   */
  public void listen(Channel server, boolean countAddresses) {
    listening.add(server);
    server.closeFuture().addListener(closed -> listening.remove(server));
    server.pipeline().addFirst(new AcceptedConnections(this, countAddresses));
    follow(server);
  }

  /**
   * Adds one event loop's waiting connections to those that can make room.
   *
   * @param longestWaiting run on the loop: closes the connection that has waited longest for a
   *     request, or for the rest of its head; returns whether there was one. What keeps on waiting
   *     while there is no place is the loop's to close
   */
  public void addShedder(Executor loop, BooleanSupplier longestWaiting) {
    shedders.add(new Shedder(loop, longestWaiting));
  }

  /**
   * Counts that connection as one of that client until it is closed; false: the client has as many
   * as it may.
   */
  boolean admit(Channel connection, InetAddress client) {
    boolean admitted = admit(client);
    if (admitted && maxPerAddress.isPresent()) {
      connection.closeFuture().addListener(closed -> left(client));
    }
    return admitted;
  }

  /** Counts one more connection of that client; false: it has as many as it may. */
  boolean admit(InetAddress client) {
    if (maxPerAddress.isEmpty()) {
      return true;
    }
    if (perAddress.merge(key(client), 1, Integer::sum) > maxPerAddress.getAsInt()) {
      left(client);
      told.accept(Limit.CONNECTIONS_PER_ADDRESS);
      return false;
    }
    return true;
  }

  /** One that was admitted has gone. */
  void left(InetAddress client) {
    if (maxPerAddress.isPresent()) {
      perAddress.computeIfPresent(key(client), (key, count) -> count == 1 ? null : count - 1);
    }
  }

  private static long key(InetAddress client) {
    byte[] bytes = client.getAddress();
    boolean v6 = bytes.length > 4;
    long key = v6 ? 0 : IPV4 >>> 32;
    for (int i = 0; i < (v6 ? 8 : 4); i++) {
      key = key << 8 | (bytes[i] & 0xff);
    }
    return key;
  }

  /** One more was accepted; {@link #closed} follows. */
  void accepted() {
    if (connections.incrementAndGet() >= max) {
      followAll();
      told.accept(Limit.CONNECTIONS);
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
   * Only the channel's own thread sets it, from the newest count, so that no order can be wrong.
   */
  private void follow(Channel server) {
    if (server.eventLoop().inEventLoop()) {
      server.config().setAutoRead(!isFull());
    } else {
      execute(server.eventLoop(), () -> server.config().setAutoRead(!isFull()));
    }
  }

  /** Asks one loop after the other, in turns, until one had somebody to close. */
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
      // It has stopped, and with it all that was to be limited.
    }
  }
}
