package dev.understudy.proxy.tcp;

import dev.understudy.monitor.Snapshot;
import dev.understudy.monitor.SnapshotSource;
import dev.understudy.monitor.TrafficReports;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.proxy.HoldCounters;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.front.ConnectionLimits;
import dev.understudy.traffic.FailSafeTrafficListener;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * All relayed TCP connections of this process: finds a server for each accepted one, relays it, and
 * ends it when its server must be left or the process stops. One instance in each process;
 * thread-safe.
 */
public final class TcpRelays implements AutoCloseable {
  private final SnapshotSource snapshots;
  private final TrafficReports reports;
  private final TrafficListener listener;
  private final ConnectionLimits limits;
  private final Function<UpstreamTls, SslContext> tls;
  private final Duration headerTimeout;
  private final AtomicInteger ordinals = new AtomicInteger();
  private final HoldCounters holdCounters = new HoldCounters();
  private final AddressSessions sessions = new AddressSessions();
  private final PerEventLoop<RelayLoop> loops = new PerEventLoop<>(this::create);
  private final Runnable unsubscribe;

  /**
   * Creates relays that follow the snapshots.
   *
   * @param limits count the clients that a PROXY protocol header names
   * @param tls returns the client-side context for connections to servers; must not block
   * @param headerTimeout time for all that precedes the bytes to relay: PROXY protocol header, TLS
   *     handshake, ClientHello
   */
  public TcpRelays(
      SnapshotSource snapshots,
      TrafficReports reports,
      TrafficListener listener,
      ConnectionLimits limits,
      Function<UpstreamTls, SslContext> tls,
      Duration headerTimeout) {
    this.snapshots = snapshots;
    this.reports = reports;
    this.listener = FailSafeTrafficListener.of(listener);
    this.limits = limits;
    this.tls = tls;
    this.headerTimeout = headerTimeout;
    unsubscribe = snapshots.subscribe(this::published);
  }

  private RelayLoop create(EventLoop loop) {
    RelayLoop created = new RelayLoop(this, loop);
    limits.addShedder(loop, created::shed);
    return created;
  }

  private void published(Snapshot snapshot) {
    sessions.retain(snapshot);
    loops.forEach(RelayLoop::changed);
  }

  /**
   * Takes over a connection that is about to be registered with its event loop; called on that
   * loop, when its pipeline is empty.
   *
   * @param front the listener as it is now
   */
  public void accepted(SocketChannel client, Supplier<TcpFront> front) {
    new Relay(loops.on(client.eventLoop()), client, front.get()).install();
  }

  /**
   * Gives all connections the grace time to end by themselves, then resets them. The listening
   * sockets must be closed before.
   *
   * @return completed when no connection is left
   */
  public CompletionStage<Void> drainAll(Duration grace) {
    return loops.finishOnEach(each -> each.drain(grace));
  }

  /** Stops following the snapshots; open connections go on. */
  @Override
  public void close() {
    unsubscribe.run();
  }

  SnapshotSource snapshots() {
    return snapshots;
  }

  TrafficReports reports() {
    return reports;
  }

  TrafficListener listener() {
    return listener;
  }

  ConnectionLimits limits() {
    return limits;
  }

  Function<UpstreamTls, SslContext> tls() {
    return tls;
  }

  Duration headerTimeout() {
    return headerTimeout;
  }

  HoldCounters holdCounters() {
    return holdCounters;
  }

  AddressSessions sessions() {
    return sessions;
  }

  /** Releases at most one held connection of that pool on each event loop. */
  void wake(PoolId pool) {
    loops.runOnEach(each -> each.holds().release(pool, 1));
  }

  /** The number of the next event loop. */
  int nextOrdinal() {
    return ordinals.getAndIncrement();
  }

  /** Returns a random number of nanoseconds from 0 to the duration. */
  static long randomWithin(Duration duration) {
    long nanos = duration.toNanos();
    return nanos <= 0 ? 0 : ThreadLocalRandom.current().nextLong(nanos);
  }
}
