package com.example;

import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** {@code Tenant=X-Tenant}: tells the server the tenant, the first label of the host. */
public class TenantGatewayFilterFactory
    extends AbstractGatewayFilterFactory<TenantGatewayFilterFactory.Config> {

  public record Config(String header) {}

  public TenantGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("header");
  }

  @Override
  public GatewayFilter apply(Config config) {
    return (exchange, chain) -> {
      String tenant = TenantsRoutePredicateFactory.tenant(exchange);
      ServerHttpRequest request =
          exchange.getRequest().mutate().header(config.header(), tenant).build();
      return chain.filter(exchange.mutate().request(request).build());
    };
  }
}
