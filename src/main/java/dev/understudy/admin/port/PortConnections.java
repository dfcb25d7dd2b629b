package dev.understudy.admin.port;

import dev.understudy.fairness.ClientNetwork;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.NettyPipeline;

/**
 * The connections of the management port: their number, and the bytes of responses that their
 * clients have not taken yet.
 *
 * <ul>
 *   <li>A new connection is always accepted. If there are more than {@code limits.connections()}
 *       then, one of the network with the most is closed: the one that has waited longest without a
 *       request; if all have one, the newest. So neither idle connections nor a client that opens
 *       as many as it can keep out the platform's probes or an operator elsewhere.
 *   <li>If more than {@code limits.bytes()} wait for several clients, one of the network for which
 *       the most wait is closed: the one whose bytes have waited longest.
 *   <li>A connection is closed whose client takes less than {@code limits.least()} bytes within
 *       {@code limits.stall()}, while more are there for it.
 * </ul>
 *
 * <p>Thread-safe: connections belong to several event loops.
 */
public final class PortConnections {
  /**
   * The limits.
   *
   * @param connections 256 by default: 96 for all streams, and 160 for everything else
   * @param bytes 32 MB by default
   * @param least 16 KB by default
   * @param stall 10 s by default
   */
  public record Limits(int connections, long bytes, int least, Duration stall) {
    public static final Limits DEFAULT =
        new Limits(256, 32L << 20, 16 * 1024, Duration.ofSeconds(10));

    /** The same with at most so many connections. */
    public Limits atMost(int most) {
      return new Limits(Math.min(most, connections), bytes, least, stall);
    }
  }

  private static final Logger log = LoggerFactory.getLogger(PortConnections.class);
  private static final String NAME = NettyPipeline.LEFT + "understudyPortConnection";
  private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Limits limits;
  private final Map<ClientNetwork, Set<PortConnection>> byNetwork = new HashMap<>();
  private int count;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong logged = new AtomicLong(System.nanoTime() - LOG_NANOS);

  public PortConnections(Limits limits) {
    this.limits = limits;
  }

  public Limits limits() {
    return limits;
  }

  public synchronized int count() {
    return count;
  }

  /** The number of connections with a request under way. */
  synchronized long busy() {
    return byNetwork.values().stream()
        .flatMap(Collection::stream)
        .filter(PortConnection::isBusy)
        .count();
  }

  /** The bytes that all clients together have not taken yet. */
  long bytes() {
    return bytes.get();
  }

  /** Adds a connection that has just been accepted, whose HTTP/1 handlers are installed. */
  public void add(Channel channel) {
    PortConnection connection = new PortConnection(this, channel);
    channel.pipeline().addBefore(NettyPipeline.HttpTrafficHandler, NAME, connection);
    connection.open();
  }

  /** Counts a new connection; too many close one. */
  void opened(PortConnection connection) {
    PortConnection loser = null;
    synchronized (this) {
      byNetwork
          .computeIfAbsent(connection.network(), first -> new LinkedHashSet<>())
          .add(connection);
      count++;
      if (count > limits.connections()) {
        loser = connectionToCloseForPlace();
        remove(loser);
      }
    }
    if (loser != null) {
      loser.close("all " + limits.connections() + " connections of the management port are taken");
    }
  }

  /** Counts the end of a connection. */
  synchronized void closed(PortConnection connection) {
    remove(connection);
  }

  /** Closes all connections, each after the responses under way: another process has the port. */
  public void leaveAll() {
    List<PortConnection> all;
    synchronized (this) {
      all = byNetwork.values().stream().flatMap(Collection::stream).toList();
    }
    all.forEach(PortConnection::leave);
  }

  private void remove(PortConnection connection) {
    Set<PortConnection> all = byNetwork.get(connection.network());
    if (all != null && all.remove(connection)) {
      count--;
      if (all.isEmpty()) {
        byNetwork.remove(connection.network());
      }
    }
  }

  private PortConnection connectionToCloseForPlace() {
    return largest(Collection::size).stream()
        .min(
            Comparator.comparing(PortConnection::isBusy)
                .thenComparingLong(each -> each.isBusy() ? -each.since() : each.since()))
        .orElseThrow();
  }

  /** The connections of all networks with the largest number of that kind. */
  private Set<PortConnection> largest(ToLongFunction<Set<PortConnection>> number) {
    long most = byNetwork.values().stream().mapToLong(number).max().orElse(0);
    Set<PortConnection> all = new LinkedHashSet<>();
    byNetwork.values().stream()
        .filter(each -> number.applyAsLong(each) == most)
        .forEach(all::addAll);
    return all;
  }

  /** Counts bytes that wait for their client, or, if negative, that it took; too many close one. */
  void waiting(long more) {
    if (bytes.addAndGet(more) > limits.bytes() && more > 0) {
      PortConnection loser = connectionToCloseForBytes();
      if (loser != null) {
        loser.close("more than " + limits.bytes() + " bytes are waiting for clients of this port");
      }
    }
  }

  private synchronized @Nullable PortConnection connectionToCloseForBytes() {
    long holders =
        byNetwork.values().stream()
            .flatMap(Collection::stream)
            .filter(each -> each.held() > 0)
            .limit(2)
            .count();
    return holders < 2
        ? null
        : largest(each -> each.stream().mapToLong(PortConnection::held).sum()).stream()
            .filter(each -> each.held() > 0)
            .min(Comparator.comparingLong(PortConnection::heldSince))
            .orElse(null);
  }

  /** Logs why a connection was closed, once a second at most. */
  void logClose(PortConnection connection, String why) {
    long now = System.nanoTime();
    long last = logged.get();
    if (now - last >= LOG_NANOS && logged.compareAndSet(last, now)) {
      log.info("A connection to the management port from {} was closed: {}", connection, why);
    }
  }
}
