package dev.understudy.proxy.listener;

import dev.understudy.pool.ListenerTls;
import dev.understudy.proxy.front.FrontDoor;
import java.util.concurrent.CompletableFuture;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerFactoryCustomizer;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.reactive.HttpHandler;
import reactor.netty.resources.LoopResources;

/**
 * Wires the listeners. The root package imports it, supplies the {@link FrontDoor}, and adds a
 * {@link TunnelDrain} so that tunnels are closed politely at a stop.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ListenerProperties.class, LifecycleProperties.class})
public class ListenerConfiguration {

  /** One event loop per core: a request never changes its thread, so more would only compete. */
  @Bean
  ReactorResourceFactory reactorResourceFactory() {
    ReactorResourceFactory resources = new ReactorResourceFactory();
    resources.setUseGlobalResources(false);
    resources.setLoopResourcesSupplier(
        () -> LoopResources.create("loop", Runtime.getRuntime().availableProcessors(), true));
    return resources;
  }

  /**
   * The server of {@code server.port}. The port is opened if it is set to another than -1 or, where
   * it is not set, if the dynamic file needs it.
   */
  @Bean
  MainListenerFactory mainListenerFactory(
      ReactorResourceFactory resources,
      ServerProperties server,
      ObjectProvider<MainListenerRule> rule) {
    MainListenerFactory factory =
        new MainListenerFactory(
            () ->
                server.getPort() == null
                    ? rule.getIfAvailable(() -> () -> true).isNeeded()
                    : server.getPort() >= 0);
    factory.setResourceFactory(resources);
    return factory;
  }

  @Bean
  LoopPinner loopPinner(ReactorResourceFactory resources, ListenerProperties listener) {
    return new LoopPinner(
        listener.cpuAffinity(),
        () -> resources.getLoopResources().onServer(LoopResources.DEFAULT_NATIVE));
  }

  @Bean
  EventLoopReadings eventLoopReadings(ReactorResourceFactory resources, FrontDoor door) {
    return new EventLoopReadings(
        () -> resources.getLoopResources().onServer(LoopResources.DEFAULT_NATIVE),
        loop -> door.on(loop).connections());
  }

  @Bean
  CertificateInventory certificateInventory(
      FrontCustomizer front,
      HttpListeners listeners,
      ObjectProvider<TcpListeners> relays,
      ListenerTlsContexts contexts,
      UpstreamTlsContexts upstream) {
    return new CertificateInventory(front, listeners, relays::getIfAvailable, contexts, upstream);
  }

  @Bean
  Listening listening() {
    return new Listening();
  }

  @Bean
  FrontCustomizer frontCustomizer(
      ServerProperties server,
      ListenerProperties listener,
      SslBundles bundles,
      BundleFaults faults,
      FrontDoor door,
      Listening listening) {
    return new FrontCustomizer(server, listener, bundles, faults, door, listening);
  }

  @Bean
  ListenerTlsContexts listenerTlsContexts(SslBundles bundles, BundleFaults faults) {
    return new ListenerTlsContexts(bundles, faults);
  }

  /** The HTTP listeners of the dynamic file, configured as the main one. */
  @Bean
  HttpListeners httpListeners(
      FrontDoor door,
      FrontCustomizer front,
      Listening listening,
      ListenerTlsContexts contexts,
      NettyReactiveWebServerFactoryCustomizer boot,
      ReactorResourceFactory resources,
      ObjectProvider<HttpHandler> handler) {
    HttpListenerServers servers = new HttpListenerServers(front, boot, resources, handler);
    return new HttpListeners(
        door,
        contexts,
        settings -> {
          FrontDoor own = door.forListener(settings.id());
          ListenerTls secured = settings.tls();
          CurrentSslContext tls =
              secured == null ? null : new CurrentSslContext(contexts.http(secured));
          return HttpListener.bind(
              settings, own, tls, listening, bound -> servers.server(settings, own, tls, bound));
        });
  }

  @Bean
  BundleFaults bundleFaults(Environment environment) {
    return new BundleFaults(environment);
  }

  @Bean
  UpstreamTlsContexts upstreamTlsContexts(SslBundles bundles, BundleFaults faults) {
    return new UpstreamTlsContexts(bundles, faults);
  }

  @Bean
  StopStep drainDelayStep(FrontDoor door, ListenerProperties listener) {
    return StopStep.drainDelay(door, listener.drain().delay());
  }

  @Bean
  StopStep frontDrainStep(Listening listening, FrontDoor door) {
    return StopStep.drainFront(listening, door);
  }

  @Bean
  StopStep tunnelDrainStep(
      Listening listening, ObjectProvider<TunnelDrain> tunnels, LifecycleProperties lifecycle) {
    return StopStep.drainTunnels(
        listening,
        grace ->
            tunnels
                .getIfAvailable(() -> none -> CompletableFuture.completedFuture(null))
                .drainAll(grace),
        lifecycle.getTimeoutPerShutdownPhase());
  }

  @Bean
  @ConditionalOnProperty("understudy.http.port")
  PlainListener plainListener(
      ListenerProperties listener,
      ServerProperties server,
      FrontCustomizer front,
      NettyReactiveWebServerFactoryCustomizer boot,
      ReactorResourceFactory resources,
      HttpHandler handler) {
    return new PlainListener(
        () -> {
          Integer port = listener.http().port();
          NettyReactiveWebServerFactory factory =
              new NettyReactiveWebServerFactory(port == null ? 0 : port);
          factory.setAddress(server.getAddress());
          factory.setShutdown(Shutdown.GRACEFUL);
          factory.setResourceFactory(resources);
          boot.customize(factory);
          front.customizePlain(factory);
          return factory.getWebServer(handler);
        });
  }
}
