package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_PREDICATE_PATH_CONTAINER_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_PREDICATE_ROUTE_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR;

import dev.understudy.proxy.route.RouteTable;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.handler.RoutePredicateHandlerMapping;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Finds the first route that matches, with the result of the Gateway's own search but at less cost:
 * a plain loop instead of a stream for each request, which starts at the first route that the
 * compiled table does not rule out. 10,000 routes cost hardly more than one.
 */
public final class RouteLookup extends RoutePredicateHandlerMapping {
  /** The most routes that forward a request, as in nginx. */
  private static final int MAX_FORWARDS = 10;

  private static final Mono<Route> NONE =
      Mono.error(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));

  private final LaneFilterChains handler;
  private final RouteSnapshot routes;

  RouteLookup(
      LaneFilterChains handler,
      RouteSnapshot routes,
      GlobalCorsProperties cors,
      Environment environment) {
    super(handler, routes, cors, environment);
    this.handler = handler;
    this.routes = routes;
  }

  /**
   * Looks requests up in this table first, until the routes change. Called when the routes are in
   * force; without effect if the table is not theirs.
   */
  public void narrow(RouteTable table) {
    routes.narrow(table);
  }

  /** Whether Spring has nothing to check before or after the search: no CORS and no versions. */
  boolean isSufficient(ServerWebExchange exchange) {
    return !hasCorsConfigurationSource(handler)
        && !CorsUtils.isPreFlightRequest(exchange.getRequest())
        && getApiVersionStrategy() == null;
  }

  /**
   * Runs the filters of the first route that matches, as the dispatcher does with this mapping;
   * fails with 404 if none matches. No predicate that a file can name caches the body, which would
   * have to be released then.
   */
  Mono<Void> handle(ServerWebExchange exchange) {
    return search(exchange, NONE)
        .flatMap(
            route -> {
              exchange.getAttributes().remove(GATEWAY_PREDICATE_ROUTE_ATTR);
              exchange.getAttributes().put(GATEWAY_ROUTE_ATTR, route);
              if (logger.isDebugEnabled()) {
                logger.debug(
                    "Mapping ["
                        + GatewayLaneRequest.of(exchange).received.target()
                        + "] to "
                        + route);
              }
              return handler.handle(exchange);
            });
  }

  @Override
  protected Mono<Route> lookupRoute(ServerWebExchange exchange) {
    if (exchange.getAttribute(GATEWAY_ROUTE_ATTR) instanceof Route from
        && !GatewayLaneRequest.of(exchange).countLocalForward(MAX_FORWARDS)) {
      return Mono.error(
          new IllegalStateException(
              "route %s: expected at most %d forwards of a request"
                  .formatted(from.getId(), MAX_FORWARDS)));
    }
    // That of a route that forwarded the request to this one: not every route computes its own.
    exchange.getAttributes().remove(GATEWAY_REQUEST_URL_ATTR);
    return search(exchange, Mono.empty());
  }

  /** Returns the first route that matches, or {@code none} if none does. */
  private Mono<Route> search(ServerWebExchange exchange, Mono<Route> none) {
    RouteSnapshot.InForce now = routes.inForce();
    now.weights().choose(exchange);
    if (now.paths()) {
      // Those of the Path predicate would parse it once more.
      exchange
          .getAttributes()
          .putIfAbsent(GATEWAY_PREDICATE_PATH_CONTAINER_ATTR, exchange.getRequest().getPath());
    }
    return new Search(now.routes(), exchange, none).from(first(now.narrowing(), exchange));
  }

  private static int first(@Nullable RouteTable narrowing, ServerWebExchange exchange) {
    if (narrowing == null) {
      return 0;
    }
    GatewayLaneRequest lane = GatewayLaneRequest.of(exchange);
    ServerHttpRequest request = exchange.getRequest();
    String path = lane.uri().getRawPath();
    // The table describes requests as they came, so it does not apply to a modified one.
    return path != null && request.equals(lane.request())
        ? narrowing
            .on(lane.received.client().listener())
            .firstThatMay(
                HttpMethod.valueOf(request.getMethod().name()),
                lane.headers().get(HttpHeaderNames.HOST),
                path)
        : 0;
  }

  /**
   * Tests one route after the other like {@code RoutePredicateHandlerMapping}. A route whose
   * predicate throws does not match; an error that a predicate signals asynchronously fails the
   * search.
   */
  private record Search(List<Route> routes, ServerWebExchange exchange, Mono<Route> none) {
    private static final Logger log = LoggerFactory.getLogger(Search.class);
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
}
