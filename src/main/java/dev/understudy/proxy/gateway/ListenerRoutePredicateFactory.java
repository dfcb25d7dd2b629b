package dev.understudy.proxy.gateway;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.handler.predicate.AbstractRoutePredicateFactory;
import org.springframework.web.server.ServerWebExchange;

/**
 * {@code Listener=web,api}: matches requests that came through one of these listeners (HAProxy
 * {@code dst_port}, or the {@code frontend} of a {@code bind}).
 */
public final class ListenerRoutePredicateFactory
    extends AbstractRoutePredicateFactory<ListenerRoutePredicateFactory.Config> {
  /**
   * The arguments.
   *
   * @param listeners names of listeners
   */
  public record Config(@Nullable List<String> listeners) {}

  public ListenerRoutePredicateFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("listeners");
  }

  @Override
  public ShortcutType shortcutType() {
    return ShortcutType.GATHER_LIST;
  }

  @Override
  public Predicate<ServerWebExchange> apply(Config config) {
    if (config.listeners() == null || config.listeners().isEmpty()) {
      throw new IllegalArgumentException("listeners: expected a listener's name, found none");
    }
    Set<String> names = Set.copyOf(config.listeners());
    return exchange -> names.contains(GatewayLaneRequest.of(exchange).received.client().listener());
  }
}
