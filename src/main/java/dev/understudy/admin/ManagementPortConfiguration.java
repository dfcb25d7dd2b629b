package dev.understudy.admin;

import dev.understudy.history.History;
import dev.understudy.monitor.Commands;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.SnapshotSource;
import java.time.Duration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.netty.http.HttpProtocol;

/**
 * The routes of the management port. Spring Boot loads this class only into the child context of a
 * separate management port, so nothing of it is on the main port; a component scan must therefore
 * not find it. It is inactive without {@link AdminConfiguration}, as in tests of other parts.
 */
@ConditionalOnBean(AccessTokens.class)
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
public class ManagementPortConfiguration {
  private static final Duration IDLE = Duration.ofSeconds(60);

  /**
   * Precedes the routes of the main context, so that they are not tried; follows Actuator's own
   * mapping.
   */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  RouterFunction<ServerResponse> adminRouter(
      SnapshotSource snapshots,
      Commands commands,
      EventLog events,
      History history,
      ConfigurationStatus configuration,
      RouteLanes routes,
      AgreementView agreement,
      Guard guard,
      LoggingSystem logging,
      EventStreams streams,
      OverviewFeed overview,
      ReplicaView replica,
      Environment environment) {
    String host = environment.getProperty("HOSTNAME");
    Reads reads = new Reads(snapshots, events, configuration, routes, agreement, host);
    StatisticsReads statistics = new StatisticsReads(overview, streams, replica, snapshots);
    Writes writes = new Writes(commands, reads);
    EventReads eventReads = new EventReads(history, snapshots);
    LogLevels logLevels = new LogLevels(logging, events);
    Diagnostics diagnostics = new Diagnostics(environment, configuration);
    return new AdminRoutes(
            reads, eventReads, statistics, writes, logLevels, streams, diagnostics, guard)
        .router();
  }

  /** Precedes everything on this port, the actuator's endpoints included. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  ReadGuard readGuard(Guard guard, PathMappedEndpoints endpoints) {
    return new ReadGuard(guard, endpoints.getPath(EndpointId.of("health")));
  }

  @Bean
  StreamsLifecycle streamsLifecycle(EventStreams events, OverviewFeed overview) {
    return new StreamsLifecycle(events, overview);
  }

  /**
   * Closes connections on which no complete request head arrives for 60 s. Allows HTTP/1.1 only,
   * independently of the traffic port: plain connections would be offered an upgrade to h2c, which
   * refuses requests with a body, and TLS connections a protocol that this port does not read.
   */
  @Bean
  WebServerFactoryCustomizer<NettyReactiveWebServerFactory> managementProtocol() {
    return factory -> {
      factory.setHttp2(null);
      factory.addServerCustomizers(
          server -> server.protocol(HttpProtocol.HTTP11).idleTimeout(IDLE));
    };
  }
}
