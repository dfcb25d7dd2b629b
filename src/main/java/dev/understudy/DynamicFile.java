package dev.understudy;

import dev.understudy.LiveConfiguration.Pools;
import dev.understudy.LiveConfiguration.Routes;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.RouteChecker;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.Monitor;
import dev.understudy.pool.Pool;
import dev.understudy.proxy.gateway.PoolRoutes;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.telemetry.Metrics;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires what reads and applies the dynamic file. */
@Configuration(proxyBeanMethods = false)
class DynamicFile {

  @Bean
  RouteChecker fileRouteChecker(RouteTrial gateway, SslBundles bundles) {
    return new TrialRouteChecker(gateway, bundles);
  }

  /** TLS contexts are made here: later they are asked for on event loops. */
  @Bean
  Pools pools(Monitor monitor, UpstreamTlsContexts tls) {
    return pools -> {
      pools.stream()
          .filter(pool -> pool.servers().stream().anyMatch(server -> server.address().tls()))
          .map(Pool::tls)
          .distinct()
          .forEach(tls::apply);
      return monitor.apply(pools);
    };
  }

  /** Metrics of routes that are no more are removed. */
  @Bean
  Routes routes(PoolRoutes routes, Metrics metrics) {
    return (definitions, defaultFilters) -> {
      Optional<String> problem = routes.apply(definitions, defaultFilters);
      if (problem.isEmpty()) {
        metrics.routes(
            definitions.stream().map(RouteDefinition::getId).collect(Collectors.toSet()));
      }
      return problem;
    };
  }

  @Bean
  LiveConfiguration liveConfiguration(
      StaticSettings settings, RouteChecker checker, Pools pools, Routes routes, EventLog events) {
    return new LiveConfiguration(
        settings.config(), new ConfigLoader(checker), pools, routes, events);
  }
}
