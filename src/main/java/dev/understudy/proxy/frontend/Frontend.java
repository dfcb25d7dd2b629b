package dev.understudy.proxy.frontend;

import dev.understudy.pool.PoolId;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.filter.RouteRequest;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestFields;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.traffic.FailSafeTrafficListener;
import dev.understudy.traffic.TrafficListener;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The frontend of one listener: limits, routes, engine and counts that its client connections
 * share. One instance per process is that of the main listener; {@link #forListener} makes further
 * ones, which share all but their name and their end. Thread-safe.
 */
public final class Frontend implements RouteRequest.Surroundings {
  /** Compares the client certificates that TLS server names ask for (RFC 6066 §3). */
  @FunctionalInterface
  public interface ServerNames {
    /**
     * Whether a host asks for client certificates of other authorities than the server name by
     * which the connection's certificates were chosen, so that the certificate shown there proves
     * nothing for it.
     *
     * @param connection the TLS connection's channel
     * @param asked the request's host, in lower case, without a port
     */
    boolean differ(Channel connection, String asked);
  }

  private final ExchangeFactory engine;
  private final Supplier<RouteTable> routes;
  private final TrafficListener listener;
  private final TrustedProxies trusted;
  private final FrontendLimits limits;
  private final ErrorResponses errors;
  private final ConnectionLimits connections;
  private final GatewayEntrance gateway;
  private final PerEventLoop<FrontendLoop> loops;

  /** The process's own; null if it is this one. */
  private final @Nullable Frontend whole;

  private final OtherTunnels tunnels;
  private final String name;
  private volatile @Nullable ServerNames serverNames;
  private volatile boolean stopping;
  private volatile boolean draining;
  private volatile boolean handedOver;

  /**
   * Creates the frontend of a process.
   *
   * @param routes supplies the current routes; called once for each request
   * @param errors creates the error responses
   */
  public Frontend(
      ExchangeFactory engine,
      Supplier<RouteTable> routes,
      TrafficListener listener,
      TrustedProxies trusted,
      FrontendLimits limits,
      ErrorResponses errors) {
    this.engine = engine;
    this.routes = routes;
    this.listener = FailSafeTrafficListener.of(listener);
    this.trusted = trusted;
    this.limits = limits;
    this.errors = errors;
    this.connections = new ConnectionLimits(limits, this.listener::limited);
    this.gateway = new GatewayEntrance();
    this.loops = new PerEventLoop<>(this::begin);
    this.tunnels = new OtherTunnels();
    this.whole = null;
    this.name = ClientConnection.MAIN;
  }

  private Frontend(Frontend whole, String name) {
    this.engine = whole.engine;
    this.routes = whole.routes;
    this.listener = whole.listener;
    this.trusted = whole.trusted;
    this.limits = whole.limits;
    this.errors = whole.errors;
    this.connections = whole.connections;
    this.gateway = whole.gateway;
    this.tunnels = whole.tunnels;
    this.loops = whole.loops;
    this.whole = whole;
    this.name = name;
  }

  /** Creates the frontend of another listener of the same process. */
  public Frontend forListener(String name) {
    return new Frontend(whole == null ? this : whole, name);
  }

  /** The name of the listener: {@code main}, {@code http} or a name of the dynamic file. */
  public String name() {
    return name;
  }

  /**
   * Requires each request on a TLS connection to name a host that asks for the same client
   * certificates as the connection's server name; other requests get 421.
   */
  public void holdTo(ServerNames names) {
    serverNames = names;
  }

  /** The number of usable servers of a pool; 0 if there is no such pool. */
  @Override
  public int usableServers(PoolId pool) {
    return engine.usableServers(pool);
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
   * Ends connections with their next response, as another process serves further ones: closing one
   * now could cut the request that its client just sends.
   */
  public void handOver() {
    stopping = true;
    handedOver = true;
    loops.runOnEach(FrontendLoop::handOver);
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
    return loops.endOnEach(FrontendLoop::drain);
  }

  /**
   * Closes this listener's connections that have no request; all others end when their requests
   * have ended. The listening socket must be closed before. Connections of other listeners stay.
   */
  public void drainListener() {
    stopping = true;
    draining = true;
    loops.runOnEach(loop -> loop.drain(this));
  }

  /**
   * Ends the connections that this listener has now as {@link #drainListener} does; further ones
   * are accepted.
   */
  public void retireConnections() {
    loops.runOnEach(loop -> loop.retire(this));
  }

  /** Whether another process serves further connections. */
  public boolean isHandedOver() {
    return handedOver;
  }

  /** Returns the connection limits, with which every listening socket must be registered. */
  public ConnectionLimits connections() {
    return connections;
  }

  public boolean isStopping() {
    return stopping || (whole != null && whole.stopping);
  }

  public boolean isDraining() {
    return draining || (whole != null && whole.draining);
  }

  /** Whether the whole process is draining, not just this listener. */
  boolean isProcessDraining() {
    return whole == null ? draining : whole.draining;
  }

  @Override
  public ExchangeFactory engine() {
    return engine;
  }

  /** The way to the lane of requests that no compiled route has. */
  public GatewayEntrance gateway() {
    return gateway;
  }

  /** The tunnels of clients to which no pool belongs. */
  public OtherTunnels tunnels() {
    return tunnels;
  }

  RouteTable routes() {
    return routes.get();
  }

  /** The names of request fields that the routes in force change or decide by. */
  public RequestFields fields() {
    return routes().fields();
  }

  @Override
  public TrafficListener listener() {
    return listener;
  }

  @Override
  public TrustedProxies trusted() {
    return trusted;
  }

  /** Creates the error responses of both lanes. */
  @Override
  public ErrorResponses errors() {
    return errors;
  }

  public FrontendLimits limits() {
    return limits;
  }

  /** Returns the event loop's own state, created on first use. Call on that event loop. */
  public FrontendLoop on(EventLoop loop) {
    return loops.on(loop);
  }

  private FrontendLoop begin(EventLoop loop) {
    FrontendLoop fresh = new FrontendLoop(loop, connections);
    connections.addShedder(loop, fresh::shed);
    return fresh;
  }
}
