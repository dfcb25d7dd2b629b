package dev.understudy.proxy.gateway;

import dev.understudy.proxy.route.Step;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpStatusCode;

/**
 * {@code Deny=403}: responds to every request with that error; nothing reaches a server (HAProxy
 * {@code http-request deny}).
 */
public final class DenyGatewayFilterFactory
    extends AbstractGatewayFilterFactory<DenyGatewayFilterFactory.Config> {

  /**
   * The arguments.
   *
   * @param status 400 to 599; 403 by default
   */
  public record Config(@DefaultValue("403") int status) {}

  public DenyGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("status");
  }

  @Override
  public GatewayFilter apply(Config config) {
    Step.Deny deny = new Step.Deny(config.status());
    HttpStatusCode status = HttpStatusCode.valueOf(deny.status());
    return (exchange, chain) -> LocalResponses.write(exchange, LaneRequest.of(exchange), status);
  }
}
