package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.handover.Inheritance;
import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.TlsOffer;
import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.frontend.ConnectionLimits;
import dev.understudy.proxy.frontend.FrontendLimits;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.tcp.TcpRelays;
import dev.understudy.testing.Await;
import dev.understudy.testing.Engines;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestLimits;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** Listeners that relay TCP to a pool whose snapshots a test makes by hand, on real sockets. */
public final class TcpRig implements AutoCloseable {

  private static Supplier<SslContext> withoutTls(Listener listener) {
    throw new IllegalArgumentException("TLS cannot end here");
  }

  static final TunnelFactory NO_TUNNELS =
      (client, upstream, server, webSocket, listener) -> {
        throw new AssertionError("no tunnel here");
      };

  public final TestPools pools;
  public final Recorder seen = new Recorder();
  public final TcpRelays relays;
  public final DynamicListeners listeners;
  public final ConnectionLimits limits;
  private final ListeningSockets listening = new ListeningSockets();
  private final MultiThreadIoEventLoopGroup loops;

  /** A listener "pg" on any port of the loopback address, which leads to the pool. */
  public static Listener listener() {
    return listener("pg", 0, TestPools.POOL);
  }

  public static Listener listener(String name, int port, PoolId pool) {
    return TestSettings.listener(name, "127.0.0.1", port, pool, Map.of(), false, null);
  }

  /** With those listeners, or with {@link #listener()}. */
  public TcpRig(Transport transport, TestPools pools, Listener... first) {
    this(transport, pools, Duration.ofSeconds(20), TcpRig::withoutTls, tls -> null, first);
  }

  /**
   * @param tls of listeners
   * @param upstreamTls of servers
   */
  public TcpRig(
      Transport transport,
      TestPools pools,
      Duration headerTimeout,
      Function<Listener, Supplier<SslContext>> tls,
      Function<TlsOffer, SslContext> upstreamTls,
      Listener... first) {
    this(transport, pools, headerTimeout, tls, upstreamTls, TestLimits.DEFAULT, first);
  }

  /** Limits all connections of a listener's clients, who have long to begin. */
  public TcpRig(Transport transport, TestPools pools, int maxConnections, Listener... first) {
    this(
        transport,
        pools,
        Duration.ofMinutes(1),
        TcpRig::withoutTls,
        tls -> null,
        FrontendRig.limits("max-connections=" + maxConnections),
        first);
  }

  private TcpRig(
      Transport transport,
      TestPools pools,
      Duration headerTimeout,
      Function<Listener, Supplier<SslContext>> tls,
      Function<TlsOffer, SslContext> upstreamTls,
      FrontendLimits most,
      Listener... first) {
    this.pools = pools;
    loops =
        new MultiThreadIoEventLoopGroup(
            2,
            transport == Transport.EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    limits = new ConnectionLimits(most, seen::limited);
    Engine engine = Engines.create(pools, seen, seen, TrustedProxies.NONE, upstreamTls, NO_TUNNELS);
    relays = new TcpRelays(engine, limits, headerTimeout);
    listeners =
        new DynamicListeners(
            () -> false,
            listener -> {
              Supplier<SslContext> context = tls.apply(listener);
              return () -> HalfCloseSslContext.of(context.get());
            },
            (settings, contexts) ->
                TcpListener.bind(
                    settings, contexts, loops, relays, limits, Inheritance.none(), listening));
    listeners.start();
    assertThat(use(first.length == 0 ? new Listener[] {listener()} : first)).isEmpty();
  }

  /** Puts these listeners into force; returns the problems. */
  public List<String> use(Listener... next) {
    OpenListeners.Change change = listeners.prepare(List.of(next));
    if (change.problems().isEmpty()) {
      change.commit();
    }
    return change.problems();
  }

  public int port() {
    return port("pg");
  }

  public int port(String listener) {
    return listeners.port(listener).orElseThrow();
  }

  /** A client's new connection; reads fail after 20 s. */
  public Socket connect() throws IOException {
    return connect("pg");
  }

  public Socket connect(String listener) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(listener));
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** Event loops that stand still. */
  public interface Pause extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Stops the event loops until the result is closed; what peers do meanwhile comes all at once.
   */
  public Pause pause() {
    CountDownLatch stopped = new CountDownLatch(loops.executorCount());
    CountDownLatch over = new CountDownLatch(1);
    loops.forEach(
        loop ->
            loop.execute(
                () -> {
                  stopped.countDown();
                  Await.open("the pause is over", over);
                }));
    Await.open("the event loops stand still", stopped);
    return over::countDown;
  }

  /** Closes the listening sockets, as the stop does. */
  public void stopListening() {
    listening.close().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    stopListening();
    relays.drainAll(Duration.ZERO).toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    relays.close();
    Await.until("no connection is counted", () -> limits.connections() == 0);
    Await.until(
        "no connection is counted as open",
        () ->
            pools.state().servers().stream()
                .allMatch(
                    each ->
                        each.traffic().requests().get() == 0
                            && each.traffic().tunnels().get() == 0
                            && each.traffic().queue().get() == 0));
    Await.until("nobody waits", () -> seen.held.get() == 0);
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
