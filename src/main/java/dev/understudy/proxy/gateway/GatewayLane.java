package dev.understudy.proxy.gateway;

import dev.understudy.proxy.ProxyListener;
import dev.understudy.proxy.TrustedProxies;
import dev.understudy.proxy.listener.Draining;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The lane around whatever forwards. */
@Configuration(proxyBeanMethods = false)
class GatewayLane {

  @Bean
  PoolRoutes poolRoutes(GatewayProperties gateway, ApplicationEventPublisher events) {
    return new PoolRoutes(gateway, events);
  }

  @Bean
  LaneFilter laneFilter(
      ApplicationContext context,
      TrustedProxies trusted,
      ProxyListener listener,
      Draining draining,
      GlobalCorsProperties cors,
      PoolRoutes routes) {
    return new LaneFilter(context, trusted, new Preflights(cors, routes), listener, draining);
  }

  @Bean
  PoolRoutingFilter poolRoutingFilter(Forwarder engine) {
    return new PoolRoutingFilter(engine);
  }

  @Bean
  PoolWriteFilter poolWriteFilter() {
    return new PoolWriteFilter();
  }
}
