package dev.understudy.proxy.listener;

import dev.understudy.proxy.frontend.GatewayLane;
import java.util.function.Function;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.reactive.HttpHandler;

/**
 * Joins the {@link Listeners}, which the context must hold, to the context's life: they serve the
 * Gateway lane once it is there, and are drained before it ends.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LifecycleProperties.class)
public class ListenerConfiguration {

  @Bean
  MainListenerFactory mainListenerFactory(
      Listeners listeners, Function<HttpHandler, GatewayLane> lanes) {
    return new MainListenerFactory(listeners, lanes);
  }

  @Bean
  ReactorResourceFactory reactorResourceFactory(Listeners listeners) {
    return listeners.resources();
  }

  @Bean
  DynamicListeners dynamicListeners(Listeners listeners) {
    return listeners.ofFile();
  }

  @Bean
  ManagementSocket managementSocket(Listeners listeners) {
    return listeners.management();
  }

  @Bean
  EventLoopLoad eventLoopReadings(Listeners listeners) {
    return listeners.readings();
  }

  @Bean
  ShutdownStep drainDelayStep(Listeners listeners) {
    return listeners.drainDelayStep();
  }

  @Bean
  ShutdownStep frontDrainStep(Listeners listeners) {
    return listeners.frontDrainStep();
  }

  @Bean
  ShutdownStep tunnelDrainStep(Listeners listeners, LifecycleProperties lifecycle) {
    return listeners.tunnelDrainStep(lifecycle.getTimeoutPerShutdownPhase());
  }
}
