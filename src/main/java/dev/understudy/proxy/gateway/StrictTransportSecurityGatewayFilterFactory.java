package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Mono;

/**
 * {@code StrictTransportSecurity=max-age=16000000; preload}: puts that header on every response to
 * a route's requests over TLS, our own included, and on no other (RFC 6797 §7.2); TLS that a
 * trusted proxy ended counts.
 *
 * <p>A server's own header is replaced: there may be only one (§7.1), and it is the edge that ends
 * TLS (HAProxy {@code http-response set-header}).
 *
 * <p>A filter is part of a route: what matches none, and so is 404, or is refused as malformed
 * before there is one, goes without the header.
 */
public final class StrictTransportSecurityGatewayFilterFactory
    extends AbstractGatewayFilterFactory<StrictTransportSecurityGatewayFilterFactory.Config> {
  private static final String HEADER = "Strict-Transport-Security";

  /**
   * What it says.
   *
   * @param value the header's, RFC 6797 §6.1
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
      if (LaneRequest.of(exchange).tls) {
        HttpHeaders headers = exchange.getResponse().getHeaders();
        // Now for a 101, which is never committed; then again in place of a server's own.
        headers.set(HEADER, value);
        exchange
            .getResponse()
            .beforeCommit(() -> Mono.fromRunnable(() -> headers.set(HEADER, value)));
      }
      return chain.filter(exchange);
    };
  }
}
