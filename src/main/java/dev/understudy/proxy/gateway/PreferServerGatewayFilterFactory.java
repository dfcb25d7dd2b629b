package dev.understudy.proxy.gateway;

import dev.understudy.pool.ServerId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/**
 * {@code PreferServer=sen2}: prefers that server for the request while it is usable, even if
 * another one is serving (HAProxy {@code use-server}).
 */
public final class PreferServerGatewayFilterFactory
    extends AbstractGatewayFilterFactory<PreferServerGatewayFilterFactory.Config> {
  static final String ATTRIBUTE = PreferServerGatewayFilterFactory.class.getName();

  /**
   * The arguments.
   *
   * @param server the name of a server of the route's pool
   */
  public record Config(@Nullable String server) {}

  public PreferServerGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("server");
  }

  @Override
  public GatewayFilter apply(Config config) {
    String name = config.server();
    if (name == null) {
      throw new IllegalArgumentException("server: expected a server's name, found none");
    }
    ServerId server = new ServerId(name);
    return (exchange, chain) -> {
      exchange.getAttributes().put(ATTRIBUTE, server);
      return chain.filter(exchange);
    };
  }
}
