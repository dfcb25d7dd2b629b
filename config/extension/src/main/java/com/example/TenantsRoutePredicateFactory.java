package com.example;

import java.util.List;
import java.util.function.Predicate;
import org.springframework.cloud.gateway.handler.predicate.AbstractRoutePredicateFactory;
import org.springframework.web.server.ServerWebExchange;

/** {@code Tenants=blue,green}: matches requests of these tenants. */
public class TenantsRoutePredicateFactory
    extends AbstractRoutePredicateFactory<TenantsRoutePredicateFactory.Config> {

  public record Config(List<String> names) {}

  public TenantsRoutePredicateFactory() {
    super(Config.class);
  }

  @Override
  public ShortcutType shortcutType() {
    return ShortcutType.GATHER_LIST;
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("names");
  }

  @Override
  public Predicate<ServerWebExchange> apply(Config config) {
    return exchange -> config.names().contains(tenant(exchange));
  }

  static String tenant(ServerWebExchange exchange) {
    String host = exchange.getRequest().getURI().getHost();
    return host == null ? "" : host.replaceFirst("\\..*", "");
  }
}
