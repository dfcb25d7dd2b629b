package dev.understudy;

import dev.understudy.admin.RouteLanes;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.RouteChecker;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.Monitor;
import dev.understudy.pool.Pool;
import dev.understudy.probe.DnsAddressResolver;
import dev.understudy.proxy.ErrorResponses;
import dev.understudy.proxy.errorpage.ErrorPageTable;
import dev.understudy.proxy.gateway.PoolRoutes;
import dev.understudy.proxy.gateway.RouteLookup;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.listener.BundleFaults;
import dev.understudy.proxy.listener.HttpListeners;
import dev.understudy.proxy.listener.ListenerSet;
import dev.understudy.proxy.listener.MainListenerRule;
import dev.understudy.proxy.listener.TcpListeners;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.proxy.route.RoutesInForce;
import dev.understudy.reload.BothLanes;
import dev.understudy.reload.LiveConfiguration;
import dev.understudy.reload.LiveConfiguration.Pools;
import dev.understudy.reload.LiveConfiguration.Routes;
import dev.understudy.reload.RouteListing;
import dev.understudy.reload.RouteTables;
import dev.understudy.reload.TrialRouteChecker;
import dev.understudy.settings.StaticSettings;
import dev.understudy.statistics.Statistics;
import dev.understudy.telemetry.Metrics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.webflux.autoconfigure.WebFluxProperties;
import org.springframework.cloud.gateway.config.GatewayProperties;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Wires the reading and the application of the dynamic file. */
@Configuration(proxyBeanMethods = false)
class DynamicFile {

  @Bean
  RouteChecker fileRouteChecker(RouteTrial gateway, SslBundles bundles, BundleFaults faults) {
    return new TrialRouteChecker(gateway, bundles, faults);
  }

  /** Creates TLS contexts in advance, because they are later needed on event loops. */
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

  /** Applies routes to both lanes, and removes the metrics of removed routes. */
  @Bean
  RouteListing routeListing() {
    return new RouteListing();
  }

  @Bean
  Routes routes(
      StaticSettings settings,
      GatewayProperties gateway,
      GlobalCorsProperties cors,
      WebFluxProperties webFlux,
      Environment environment,
      PoolRoutes routes,
      RouteLookup lookup,
      RoutesInForce inForce,
      RouteListing listing,
      Guards guards,
      Metrics metrics) {
    RouteTables tables = RouteTables.of(settings, gateway, cors, webFlux, environment, guards);
    Routes lanes = new BothLanes(tables, routes::apply, lookup::narrow, inForce, metrics::routes);
    return (specs, defaultFilters) -> {
      Optional<String> problem = lanes.apply(specs, defaultFilters);
      if (problem.isEmpty()) {
        listing.use(specs, defaultFilters);
      }
      return problem;
    };
  }

  @Bean
  RouteLanes routeLanes(RoutesInForce inForce, RouteListing listing, Statistics statistics) {
    return new RouteLanes() {
      @Override
      public List<Lane> inForce() {
        Map<String, Double> rates = statistics.routeRates();
        return inForce.current().lanes().stream()
            .map(lane -> lane(lane, listing.of(lane.id()), rates.getOrDefault(lane.id(), 0.0)))
            .toList();
      }

      @Override
      public Map<String, Double> rates() {
        Map<String, Double> rates = new TreeMap<>(statistics.routeRates());
        rates.values().removeIf(rate -> rate == 0);
        return rates;
      }
    };
  }

  private static RouteLanes.Lane lane(RouteLane lane, RouteListing.Shown shown, double rate) {
    return new RouteLanes.Lane(
        lane.id(),
        lane.name(),
        lane.why(),
        shown.pool(),
        shown.predicates(),
        shown.filters(),
        rate);
  }

  @Bean
  ListenerSet listeners(HttpListeners http, TcpListeners tcp) {
    return http.with(listener -> !listener.relaysTcp(), tcp);
  }

  @Bean
  MainListenerRule mainListenerRule(LiveConfiguration configuration) {
    return configuration::needsMainListener;
  }

  @Bean
  LiveConfiguration liveConfiguration(
      StaticSettings settings,
      RouteChecker checker,
      Pools pools,
      Routes routes,
      ListenerSet listeners,
      ErrorResponses errors,
      Guards guards,
      EventLog events,
      DnsAddressResolver resolver) {
    return new LiveConfiguration(
            settings.config(),
            new ConfigLoader(checker),
            pools,
            routes,
            listeners,
            pages -> errors.use(ErrorPageTable.of(pages)),
            guards::use,
            events)
        .resolving(dns -> resolver.nameServersAt(dns.servers()));
  }
}
