package dev.understudy;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.RouteChecker;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.Monitor;
import dev.understudy.proxy.gateway.PoolRoutes;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires what reads and applies the dynamic file. */
@Configuration(proxyBeanMethods = false)
class DynamicFile {

  @Bean
  RouteChecker fileRouteChecker(
      dev.understudy.proxy.gateway.RouteChecker gateway, SslBundles bundles) {
    return new GatewayRouteChecker(gateway, bundles);
  }

  @Bean
  LiveConfiguration liveConfiguration(
      StaticSettings settings,
      RouteChecker checker,
      Monitor monitor,
      PoolRoutes routes,
      EventLog events) {
    return new LiveConfiguration(
        settings.config(), new ConfigLoader(checker), monitor::apply, routes::apply, events);
  }
}
