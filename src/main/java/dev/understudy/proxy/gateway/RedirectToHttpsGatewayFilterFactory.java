package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpStatusCode;

/**
 * {@code RedirectToHttps=301}: redirects clients without TLS to the same host and target on https
 * (HAProxy {@code http-request redirect scheme https}). Requests whose TLS a trusted proxy ended
 * pass; those without a host get 400.
 */
public final class RedirectToHttpsGatewayFilterFactory
    extends AbstractGatewayFilterFactory<RedirectToHttpsGatewayFilterFactory.Config> {
  /**
   * The arguments.
   *
   * @param status 301, 302, 307 or 308; 301 by default
   * @param port the port of https; null for 443, which the location omits
   */
  public record Config(@DefaultValue("301") int status, @Nullable Integer port) {}

  public RedirectToHttpsGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("status", "port");
  }

  @Override
  public GatewayFilter apply(Config config) {
    Step.Redirect redirect = Step.Redirect.of(config.status(), config.port());
    return (exchange, chain) -> {
      LaneRequest request = LaneRequest.of(exchange);
      if (request.received.tls()) {
        return chain.filter(exchange);
      }
      String location = redirect.location(request.host(), request.received.target());
      if (location == null) {
        return LocalResponses.write(exchange, request, HttpStatusCode.valueOf(400));
      }
      return LocalResponses.redirect(exchange, redirect.status(), location);
    };
  }
}
