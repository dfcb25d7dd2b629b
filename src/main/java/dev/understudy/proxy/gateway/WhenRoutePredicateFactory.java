package dev.understudy.proxy.gateway;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.handler.predicate.AbstractRoutePredicateFactory;
import org.springframework.web.server.ServerWebExchange;

/** {@code When=EXPRESSION}: matches requests on which the condition holds. */
public final class WhenRoutePredicateFactory
    extends AbstractRoutePredicateFactory<WhenRoutePredicateFactory.Config> {
  /**
   * The arguments.
   *
   * @param expression a condition on the request
   */
  public record Config(@Nullable String expression) {}

  public WhenRoutePredicateFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("expression");
  }

  @Override
  public Predicate<ServerWebExchange> apply(Config config) {
    String expression = config.expression();
    if (expression == null) {
      throw new IllegalArgumentException("expression: expected a condition, found none");
    }
    try {
      Condition condition = Condition.parse(expression);
      if (condition.isOfResponse()) {
        throw new IllegalArgumentException(
            "expected a condition without status and response-header: there is no response yet");
      }
      return exchange -> condition.test(ExchangeRequest.of(exchange).facts());
    } catch (ExpressionException e) {
      throw new IllegalArgumentException(e.why(), e);
    }
  }
}
