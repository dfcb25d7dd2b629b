package dev.understudy.admin;

import dev.understudy.admin.access.AccessTokens;
import dev.understudy.admin.port.PortConnections;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.netty.http.HttpProtocol;

/**
 * The routes of the management port. Spring Boot loads this class only into the child context of a
 * separate management port, so that none of its beans is on the main port; a component scan must
 * therefore not find it. It is inactive without {@link AdminConfiguration}, as in tests of other
 * parts.
 */
@ConditionalOnBean(AccessTokens.class)
@Import({
  Console.class,
  Diagnostics.class,
  EventEndpoints.class,
  LogLevels.class,
  NotificationEndpoints.class,
  StateEndpoints.class,
  StatisticsEndpoints.class,
  StatusEndpoints.class,
  StreamEndpoints.class,
  CommandEndpoints.class
})
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
public class ManagementPortConfiguration {
  private static final Duration IDLE = Duration.ofSeconds(60);

  /**
   * What the kernel keeps of a response, in bytes. Without it, the kernel would take megabytes for
   * each client that reads nothing.
   */
  private static final int SEND_BUFFER = 256 * 1024;

  /**
   * Precedes the routes of the main context, so that they are not tried; follows Actuator's own
   * mapping.
   */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  RouterFunction<ServerResponse> adminRouter(List<Endpoints> parts, AccessRules guard) {
    return new AdminRoutes(parts, guard).router();
  }

  @Bean
  DocumentThreads documentThreads() {
    return new DocumentThreads();
  }

  @Bean
  PortConnections portConnections(ObjectProvider<PortConnections.Limits> limits) {
    return new PortConnections(limits.getIfAvailable(() -> PortConnections.Limits.DEFAULT));
  }

  /** Precedes everything on this port, the actuator's endpoints included. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  ManagementAccessFilter readGuard(
      AccessRules guard, CrossOriginCheck origins, PathMappedEndpoints endpoints) {
    return new ManagementAccessFilter(guard, origins, endpoints.getPath(EndpointId.of("health")));
  }

  /** Follows the guard, as only who may read has a share. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE + 1)
  ScrapeLimit scrapeLimit(PathMappedEndpoints endpoints) {
    return new ScrapeLimit(endpoints.getPath(EndpointId.of("prometheus")));
  }

  /** Also for what Actuator serves; refusals are short. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE + 2)
  CompressibleResponses compressibleResponses() {
    return new CompressibleResponses();
  }

  @Bean
  StreamsLifecycle streamsLifecycle(EventStreams events, OverviewFeed overview) {
    return new StreamsLifecycle(List.of(events.slots(), overview.slots()));
  }

  /**
   * Limits connections, and closes those on which no complete request head arrives for 60 s. Allows
   * HTTP/1.1 only, independently of the traffic port: plain connections would be offered an upgrade
   * to h2c, which refuses requests with a body, and TLS connections a protocol that this port does
   * not read.
   */
  @Bean
  WebServerFactoryCustomizer<NettyReactiveWebServerFactory> managementProtocol(
      PortConnections connections,
      ObjectProvider<ReplacedProcess> replaced,
      StreamsLifecycle streams) {
    replaced.ifAvailable(
        process ->
            process.whenReplaced(
                () -> {
                  streams.stop();
                  connections.leaveAll();
                }));
    return factory -> {
      factory.setHttp2(null);
      factory.addServerCustomizers(
          server ->
              server
                  .protocol(HttpProtocol.HTTP11)
                  .compress((request, response) -> CompressibleResponses.isMarked(response))
                  .idleTimeout(IDLE)
                  .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER)
                  .doOnChannelInit((observer, channel, client) -> connections.add(channel)));
      replaced.ifAvailable(
          process ->
              factory.addServerCustomizers(
                  server -> process.managementSocket(server, address(factory))));
    };
  }

  private static InetSocketAddress address(NettyReactiveWebServerFactory factory) {
    return factory.getAddress() == null
        ? new InetSocketAddress(factory.getPort())
        : new InetSocketAddress(factory.getAddress(), factory.getPort());
  }
}
