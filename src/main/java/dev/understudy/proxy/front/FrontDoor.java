package dev.understudy.proxy.front;

import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.traffic.GuardedListener;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all connections of clients have in common; one in each process. Safe for any thread. */
// Loops are themselves, not values.
@SuppressWarnings("ReferenceEquality")
public final class FrontDoor {
  /** Where requests of the express lane go: {@link dev.understudy.proxy.Engine#exchange}. */
  @FunctionalInterface
  public interface Exchanges {
    /** A new exchange, not yet started. */
    Exchange exchange(ProxyRequest request, Downstream downstream, EventLoop loop);
  }

  private final Exchanges engine;
  private final Supplier<RouteTable> routes;
  private final TrafficListener listener;
  private final TrustedProxies trusted;
  private final FrontLimits limits;
  private final ConnectionLimits connections;
  private final List<FrontLoop> loops = new CopyOnWriteArrayList<>();
  private final FastThreadLocal<FrontLoop> here = new FastThreadLocal<>();
  private volatile @Nullable ServerNames serverNames;
  private volatile boolean stopping;
  private volatile boolean draining;

  /**
   * Opens for handlers.
   *
   * @param routes asked once for each request
   */
  public FrontDoor(
      Exchanges engine,
      Supplier<RouteTable> routes,
      TrafficListener listener,
      TrustedProxies trusted,
      FrontLimits limits) {
    this.engine = engine;
    this.routes = routes;
    this.listener = GuardedListener.of(listener);
    this.trusted = trusted;
    this.limits = limits;
    this.connections = new ConnectionLimits(limits, this.listener::limited);
  }

  /** From now on requests are held to the server name that their TLS connection was opened for. */
  public void holdTo(ServerNames names) {
    serverNames = names;
  }

  /** Returns null if all names ask for the same. */
  @Nullable ServerNames serverNames() {
    return serverNames;
  }

  /** From now on responses end their HTTP/1 connections; whoever comes is still served. */
  public void stopSoon() {
    stopping = true;
  }

  /**
   * Connections without a request are closed, all others end with what runs on them. What listens
   * is to be closed before.
   *
   * @return done when no connection is left that speaks HTTP, or may; tunnels may be left
   */
  public CompletionStage<Void> drain() {
    stopping = true;
    draining = true;
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (FrontLoop each : loops) {
      CompletableFuture<Void> empty = new CompletableFuture<>();
      if (runOn(each, loop -> loop.drain(empty))) {
        all.add(empty);
      }
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
  }

  /** Counts the clients; what listens is to be given to it. */
  public ConnectionLimits connections() {
    return connections;
  }

  public boolean isStopping() {
    return stopping;
  }

  public boolean isDraining() {
    return draining;
  }

  Exchanges engine() {
    return engine;
  }

  RouteTable routes() {
    return routes.get();
  }

  public TrafficListener listener() {
    return listener;
  }

  public TrustedProxies trusted() {
    return trusted;
  }

  public FrontLimits limits() {
    return limits;
  }

  /** What is kept for that loop, which must be the calling thread's. */
  public FrontLoop on(EventLoop loop) {
    FrontLoop known = here.getIfExists();
    if (known == null || known.loop() != loop) {
      known = new FrontLoop(loop, connections);
      connections.addShedder(loop, known::shed);
      here.set(known);
      loops.add(known);
    }
    return known;
  }

  /** Returns whether it still has an event loop. */
  private static boolean runOn(FrontLoop each, Consumer<FrontLoop> action) {
    try {
      each.loop().execute(() -> action.accept(each));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }
}
