package dev.understudy.assembly;

import dev.understudy.monitor.Monitor;
import dev.understudy.proxy.Engine;
import dev.understudy.proxy.ErrorResponses;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.proxy.listener.TunnelDrain;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.proxy.route.RoutesInForce;
import dev.understudy.proxy.tcp.TcpRelays;
import dev.understudy.proxy.tunnel.Tunnels;
import dev.understudy.settings.StaticSettings;
import dev.understudy.traffic.TrafficListener;
import java.util.concurrent.CompletionStage;

/** The engine, the tunnels, the front door and the relays of TCP. */
final class DataPlane implements AutoCloseable {
  /** The table in which the front looks requests up. */
  final RoutesInForce routes = new RoutesInForce();

  /** Creates the error responses of the engine and of both lanes. */
  final ErrorResponses errors = new ErrorResponses();

  final Engine engine;
  final FrontDoor door;
  final TcpRelays relays;
  private final Tunnels tunnels;

  DataPlane(
      StaticSettings settings,
      ListenerProperties listeners,
      Monitor monitor,
      TrafficListener traffic,
      UpstreamTlsContexts tls) {
    TrustedProxies trusted = TrustedProxies.of(settings.trustedProxies());
    tunnels = new Tunnels(monitor, monitor);
    engine =
        new Engine(
            monitor,
            monitor,
            traffic,
            trusted,
            tls,
            tunnels,
            listeners.server().serverLimits(),
            settings.stickyKey(),
            errors);
    door =
        new FrontDoor(
            engine::exchange,
            routes::current,
            traffic,
            trusted,
            listeners.client().frontLimits(),
            errors);
    door.countUsable(engine::usableServers);
    relays =
        new TcpRelays(
            monitor, monitor, traffic, door.connections(), tls, listeners.client().headerTimeout());
  }

  /** Ends what outlives the listeners. */
  TunnelDrain drain() {
    return grace -> {
      engine.stop(grace);
      CompletionStage<?> connections = relays.drainAll(grace);
      return tunnels.drainAll(grace).thenCombine(connections, (told, ended) -> ended);
    };
  }

  @Override
  public void close() {
    engine.close();
    relays.close();
    tunnels.close();
  }
}
