package dev.understudy;

import dev.understudy.monitor.Monitor;
import dev.understudy.proxy.Engine;
import dev.understudy.proxy.ErrorResponses;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.proxy.listener.TunnelDrain;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.proxy.route.RoutesInForce;
import dev.understudy.proxy.session.StickyKey;
import dev.understudy.proxy.tcp.TcpRelays;
import dev.understudy.proxy.tunnel.Tunnels;
import dev.understudy.settings.StaticSettings;
import dev.understudy.traffic.TrafficListener;
import java.util.concurrent.CompletionStage;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the engine, the tunnels and the front. */
@Configuration(proxyBeanMethods = false)
class DataPlane {

  /** The table in which the front looks requests up. */
  @Bean
  RoutesInForce routesInForce() {
    return new RoutesInForce();
  }

  /** Creates the error responses of the engine and of both lanes. */
  @Bean
  ErrorResponses errorResponses() {
    return new ErrorResponses();
  }

  @Bean
  TrustedProxies trustedProxies(StaticSettings settings) {
    return TrustedProxies.of(settings.trustedProxies());
  }

  @Bean
  StickyKey stickyKey(StaticSettings settings) {
    return settings.stickyKey();
  }

  @Bean
  Tunnels tunnels(Monitor monitor) {
    return new Tunnels(monitor, monitor);
  }

  @Bean
  TcpRelays tcpRelays(
      Monitor monitor,
      TrafficListener listener,
      FrontDoor door,
      UpstreamTlsContexts tls,
      ListenerProperties settings) {
    return new TcpRelays(
        monitor, monitor, listener, door.connections(), tls, settings.client().headerTimeout());
  }

  @Bean
  TunnelDrain tunnelDrain(Tunnels tunnels, TcpRelays relays, Engine engine) {
    return grace -> {
      engine.stop(grace);
      CompletionStage<?> connections = relays.drainAll(grace);
      return tunnels.drainAll(grace).thenCombine(connections, (told, ended) -> ended);
    };
  }

  @Bean
  Engine engine(
      Monitor monitor,
      TrafficListener listener,
      TrustedProxies trusted,
      UpstreamTlsContexts tls,
      Tunnels tunnels,
      ListenerProperties settings,
      StickyKey stickyKey,
      ErrorResponses errors) {
    return new Engine(
        monitor,
        monitor,
        listener,
        trusted,
        tls,
        tunnels,
        settings.server().serverLimits(),
        stickyKey,
        errors);
  }

  @Bean
  FrontDoor frontDoor(
      Engine engine,
      RoutesInForce routes,
      TrafficListener listener,
      TrustedProxies trusted,
      ListenerProperties settings,
      ErrorResponses errors) {
    FrontDoor door =
        new FrontDoor(
            engine::exchange,
            routes::current,
            listener,
            trusted,
            settings.client().frontLimits(),
            errors);
    door.countUsable(engine::usableServers);
    return door;
  }
}
