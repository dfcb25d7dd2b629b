package dev.understudy.proxy.gateway;

import dev.understudy.extension.Extension;
import java.util.function.Predicate;
import org.springframework.cloud.gateway.handler.AsyncPredicate;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.web.server.ServerWebExchange;

/** The predicate of an extension. */
final class ExtensionPredicateFactory extends ExtensionFactory<RoutePredicateFactory<Object>>
    implements RoutePredicateFactory<Object> {
  ExtensionPredicateFactory(Extension<RoutePredicateFactory<Object>> extension) {
    super(extension);
  }

  @Override
  public void beforeApply(Object config) {
    factory.beforeApply(config);
  }

  @Override
  public Predicate<ServerWebExchange> apply(Object config) {
    return factory.apply(config);
  }

  @Override
  public AsyncPredicate<ServerWebExchange> applyAsync(Object config) {
    return factory.applyAsync(config);
  }
}
