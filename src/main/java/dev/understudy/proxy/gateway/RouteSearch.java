package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_PREDICATE_ROUTE_ATTR;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Tests one route after the other like {@code RoutePredicateHandlerMapping}. A route whose
 * predicate throws does not match; an error that a predicate signals asynchronously fails the
 * search.
 */
record RouteSearch(List<Route> routes, ServerWebExchange exchange, Mono<Route> none) {
  private static final Logger log = LoggerFactory.getLogger(RouteSearch.class);
  private static final LogRateLimit FAILURES = new LogRateLimit();

  /** Returns the first route at or after this index that matches; {@code none} if none does. */
  Mono<Route> from(int index) {
    for (int at = index; at < routes.size(); at++) {
      Route route = routes.get(at);
      Publisher<Boolean> answer = ask(route);
      Boolean known = atOnce(answer);
      if (known == null) {
        return first(at, answer);
      }
      if (known) {
        return Mono.just(route);
      }
    }
    return none;
  }

  /** Continues the search with an asynchronous answer, without a deeper stack for each. */
  private Mono<Route> first(int index, Publisher<Boolean> asked) {
    return Flux.range(index, routes.size() - index)
        .concatMap(
            at -> {
              Route route = routes.get(at);
              Publisher<Boolean> answer = at == index ? asked : ask(route);
              return Mono.from(answer).filter(Boolean::booleanValue).map(matches -> route);
            })
        .next()
        .switchIfEmpty(none);
  }

  private Publisher<Boolean> ask(Route route) {
    exchange.getAttributes().put(GATEWAY_PREDICATE_ROUTE_ATTR, route.getId());
    try {
      return route.getPredicate().apply(exchange);
    } catch (Exception e) {
      failed(route, e);
      return Mono.just(false);
    }
  }

  private static void failed(Route route, Exception e) {
    long leftOut = FAILURES.permit();
    if (leftOut != LogRateLimit.SILENT) {
      log.error(
          "A predicate of route {} failed ({} more since the last line)",
          route.getId(),
          leftOut,
          e);
    }
  }

  /** The predicate's result if it is known without a subscription, otherwise null. */
  private static @Nullable Boolean atOnce(Publisher<Boolean> response) {
    if (!(response instanceof Mono<?> && response instanceof Callable<?>)) {
      return null;
    }
    try {
      return Boolean.TRUE.equals(((Callable<?>) response).call());
    } catch (Exception e) {
      return null;
    }
  }
}
