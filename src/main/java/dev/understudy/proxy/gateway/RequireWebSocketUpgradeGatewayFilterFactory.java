package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpStatusCode;

/**
 * {@code RequireWebSocketUpgrade=/websocket}: responds with 403 to requests for that path that are
 * not relayed as complete WebSocket handshakes; see {@link Step.WebSocketGuard}.
 */
public final class RequireWebSocketUpgradeGatewayFilterFactory
    extends AbstractGatewayFilterFactory<RequireWebSocketUpgradeGatewayFilterFactory.Config> {

  /**
   * The arguments.
   *
   * @param path the exact path; starts with a slash
   */
  public record Config(@Nullable String path) {}

  public RequireWebSocketUpgradeGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("path");
  }

  @Override
  public GatewayFilter apply(Config config) {
    Step.WebSocketGuard guard = Step.WebSocketGuard.of(config.path());
    return (exchange, chain) -> {
      LaneRequest request = LaneRequest.of(exchange);
      return guard.guards(request.received.target(), request.uri.getRawPath())
              && !request.isCompleteHandshake()
          ? LocalResponses.write(exchange, request, HttpStatusCode.valueOf(403))
          : chain.filter(exchange);
    };
  }
}
