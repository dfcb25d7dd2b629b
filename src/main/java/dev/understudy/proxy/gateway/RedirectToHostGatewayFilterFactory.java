package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/**
 * {@code RedirectToHost=301, https://www.example.com}: redirects clients to the same path and query
 * on that host; the Gateway's own {@code RedirectTo} drops both. Requests for that host pass. See
 * {@link Step.RedirectToHost}.
 */
public final class RedirectToHostGatewayFilterFactory
    extends AbstractGatewayFilterFactory<RedirectToHostGatewayFilterFactory.Config> {
  /**
   * The arguments.
   *
   * @param status 301, 302, 303, 307 or 308
   * @param url a scheme and a host, optionally with a port
   */
  public record Config(@Nullable Integer status, @Nullable String url) {}

  public RedirectToHostGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("status", "url");
  }

  @Override
  public GatewayFilter apply(Config config) {
    Step.RedirectToHost redirect = Step.RedirectToHost.of(config.status(), config.url());
    return (exchange, chain) -> {
      LaneRequest request = LaneRequest.of(exchange);
      return redirect.lets(request.host(), request.received.tls())
          ? chain.filter(exchange)
          : LocalResponses.redirect(
              exchange, redirect.status(), redirect.location(request.received.target()));
    };
  }
}
