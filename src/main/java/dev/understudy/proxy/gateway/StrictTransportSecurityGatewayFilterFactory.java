package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Mono;

/**
 * {@code StrictTransportSecurity=max-age=16000000; preload}: sets that header on every response to
 * a route's requests over TLS, local responses included, and on no other (RFC 6797 §7.2); TLS that
 * a trusted proxy ended counts.
 *
 * <p>Replaces a server's own header: only one is allowed (§7.1), and the edge ends TLS (HAProxy
 * {@code http-response set-header}).
 *
 * <p>The filter belongs to a route: requests that match none, which get 404, and malformed
 * requests, which are refused before the lookup, get no header.
 */
public final class StrictTransportSecurityGatewayFilterFactory
    extends AbstractGatewayFilterFactory<StrictTransportSecurityGatewayFilterFactory.Config> {
  private static final String HEADER = "Strict-Transport-Security";

  /**
   * The arguments.
   *
   * @param value the value of the header (RFC 6797 §6.1)
   */
  public record Config(@Nullable String value) {}

  public StrictTransportSecurityGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("value");
  }

  @Override
  public GatewayFilter apply(Config config) {
    String value = Step.TransportSecurity.of(config.value()).value();
    return (exchange, chain) -> {
      if (LaneRequest.of(exchange).received.tls()) {
        HttpHeaders headers = exchange.getResponse().getHeaders();
        // Set now for a 101, which is never committed; set again at the commit in place of a
        // server's own.
        headers.set(HEADER, value);
        exchange
            .getResponse()
            .beforeCommit(() -> Mono.fromRunnable(() -> headers.set(HEADER, value)));
      }
      return chain.filter(exchange);
    };
  }
}
