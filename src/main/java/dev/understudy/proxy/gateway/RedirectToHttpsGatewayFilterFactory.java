package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpStatusCode;

/**
 * {@code RedirectToHttps=301}: sends clients that came without TLS to the same host and target on
 * https (HAProxy {@code http-request redirect scheme https}); requests whose TLS a trusted proxy
 * ended pass, and those without a host are answered with 400.
 */
public final class RedirectToHttpsGatewayFilterFactory
    extends AbstractGatewayFilterFactory<RedirectToHttpsGatewayFilterFactory.Config> {
  /**
   * How.
   *
   * @param status 301, 302, 307 or 308
   * @param port where https is; null: 443, which is not named
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
      if (request.tls) {
        return chain.filter(exchange);
      }
      String location = redirect.location(request.host(), request.target);
      if (location == null) {
        return LocalResponses.write(exchange, request, HttpStatusCode.valueOf(400));
      }
      return LocalResponses.redirect(exchange, redirect.status(), location);
    };
  }
}
