package dev.understudy.proxy.gateway;

import dev.understudy.proxy.Engine;
import dev.understudy.traffic.TrafficListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Wires the Gateway lane to the engine. The root imports it beside {@code ListenerConfiguration}
 * and provides an {@link Engine} and a {@link TrafficListener}.
 */
@Configuration(proxyBeanMethods = false)
@Import({GatewayLane.class, GatewayFilters.class})
public class GatewayLaneConfiguration {

  @Bean
  Forwarder forwarder(Engine engine) {
    return Forwarder.of(engine);
  }
}
