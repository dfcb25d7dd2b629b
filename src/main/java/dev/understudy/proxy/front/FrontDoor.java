package dev.understudy.proxy.front;

import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.ProxyListener;
import dev.understudy.proxy.ProxyRequest;
import dev.understudy.proxy.TrustedProxies;
import dev.understudy.proxy.route.RouteTable;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

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
  private final ProxyListener listener;
  private final TrustedProxies trusted;
  private final FrontLimits limits;
  private final ConnectionLimits connections;
  private final List<FrontLoop> loops = new CopyOnWriteArrayList<>();
  private final FastThreadLocal<FrontLoop> here = new FastThreadLocal<>();
  private volatile boolean draining;

  /**
   * Opens for handlers.
   *
   * @param routes asked once for each request
   */
  public FrontDoor(
      Exchanges engine,
      Supplier<RouteTable> routes,
      ProxyListener listener,
      TrustedProxies trusted,
      FrontLimits limits) {
    this.engine = engine;
    this.routes = routes;
    this.listener = listener;
    this.trusted = trusted;
    this.limits = limits;
    this.connections = new ConnectionLimits(limits, listener::limited);
  }

  /** The handler of one HTTP/1 connection; to be added right after its codec. */
  public ChannelHandler http1() {
    return new Http1Front(this);
  }

  /**
   * From now on answers end their connections; those without a request are closed. What listens is
   * to be closed before.
   */
  public void drain() {
    draining = true;
    onAll(FrontLoop::drain);
  }

  /** Counts the clients; what listens is to be given to it. */
  public ConnectionLimits connections() {
    return connections;
  }

  boolean isDraining() {
    return draining;
  }

  Exchanges engine() {
    return engine;
  }

  RouteTable routes() {
    return routes.get();
  }

  ProxyListener listener() {
    return listener;
  }

  TrustedProxies trusted() {
    return trusted;
  }

  FrontLimits limits() {
    return limits;
  }

  /** What is kept for that loop, which must be the calling thread's. */
  FrontLoop on(EventLoop loop) {
    FrontLoop known = here.getIfExists();
    if (known == null || known.loop() != loop) {
      known = new FrontLoop(loop, connections);
      connections.addShedder(loop, known::shed);
      here.set(known);
      loops.add(known);
    }
    return known;
  }

  private void onAll(Consumer<FrontLoop> action) {
    loops.removeIf(each -> !runOn(each, action));
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
