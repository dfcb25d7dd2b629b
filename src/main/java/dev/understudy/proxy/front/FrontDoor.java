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

/** The state that all client connections share; one instance per process. Thread-safe. */
// Event loops are compared by identity.
@SuppressWarnings("ReferenceEquality")
public final class FrontDoor {
  /** Creates the exchanges of the express lane: {@link dev.understudy.proxy.Engine#exchange}. */
  @FunctionalInterface
  public interface Exchanges {
    /** Returns a new exchange that is not started yet. */
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
   * Creates the front door of a process.
   *
   * @param routes supplies the current routes; called once for each request
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

  /**
   * Requires each request on a TLS connection to name a host that asks for the same client
   * certificates as the connection's server name; other requests get 421.
   */
  public void holdTo(ServerNames names) {
    serverNames = names;
  }

  /** Returns null until {@link #holdTo} is called. */
  @Nullable ServerNames serverNames() {
    return serverNames;
  }

  /** Makes further responses close their HTTP/1 connections; still accepts connections. */
  public void stopSoon() {
    stopping = true;
  }

  /**
   * Closes connections that have no request; all others end when their requests have ended. The
   * listening sockets must be closed before.
   *
   * @return completed when no connection that speaks HTTP, or is still in TLS negotiation, is left;
   *     tunnels may remain
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

  /** Returns the connection limits, with which every listening socket must be registered. */
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

  /** Returns the event loop's own state, created on first use. Call on that event loop. */
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

  /** Returns false if the event loop has stopped; the action then does not run. */
  private static boolean runOn(FrontLoop each, Consumer<FrontLoop> action) {
    try {
      each.loop().execute(() -> action.accept(each));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }
}
