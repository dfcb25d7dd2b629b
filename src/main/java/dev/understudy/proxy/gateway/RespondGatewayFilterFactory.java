package dev.understudy.proxy.gateway;

import dev.understudy.proxy.LocalResponse;
import dev.understudy.proxy.route.Step;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/**
 * {@code Respond=200, text}: responds to every request with that text, as {@code text/plain} in
 * UTF-8; nothing reaches a server (HAProxy {@code http-request return}, {@code monitor-uri}).
 */
public final class RespondGatewayFilterFactory
    extends AbstractGatewayFilterFactory<RespondGatewayFilterFactory.Config> {

  /**
   * The arguments.
   *
   * @param status 200 to 599; 200 by default
   * @param text may be empty, as it is by default; not sent with 204, 205 and 304
   */
  public record Config(@DefaultValue("200") int status, @DefaultValue("") String text) {}

  public RespondGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("status", "text");
  }

  @Override
  public GatewayFilter apply(Config config) {
    Step.Respond respond = new Step.Respond(config.status(), config.text());
    return (exchange, chain) -> {
      LaneRequest request = LaneRequest.of(exchange);
      return LocalResponses.write(
          exchange,
          request,
          LocalResponse.text(respond.status(), respond.text(), request.received.id()));
    };
  }
}
