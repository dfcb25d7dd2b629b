package dev.understudy.admin;

import dev.understudy.monitor.Commands;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.SnapshotSource;
import java.time.Duration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
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
 * The routes of the management port. Boot loads this into the child context that it makes for a
 * management port of its own, and nowhere else, so that none of it is on the main port; a component
 * scan must therefore not find it. It stays out of programs that did not import {@link
 * AdminConfiguration}, as tests of other parts are.
 */
@ConditionalOnBean(AdminToken.class)
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
public class ManagementPortConfiguration {
  private static final Duration IDLE = Duration.ofSeconds(60);

  /** First, so that routes of the main context are not tried; after Actuator's own mapping. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  RouterFunction<ServerResponse> adminRouter(
      SnapshotSource snapshots,
      Commands commands,
      EventLog events,
      ConfigurationStatus configuration,
      RouteLanes routes,
      AgreementView agreement,
      AdminToken token,
      EventStreams streams,
      Environment environment) {
    String host = environment.getProperty("HOSTNAME");
    Reads reads = new Reads(snapshots, events, configuration, routes, agreement, host);
    Writes writes = new Writes(commands, reads);
    return new AdminRoutes(reads, writes, streams, new Guard(token)).router();
  }

  @Bean
  StreamsLifecycle streamsLifecycle(EventStreams streams) {
    return new StreamsLifecycle(streams);
  }

  /**
   * Closes connections that say nothing, or half a request. HTTP/1.1 only, whatever the traffic
   * port speaks: plain connections would be offered an upgrade to h2c, which refuses requests that
   * have a body, and over TLS a protocol that nobody here reads.
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
