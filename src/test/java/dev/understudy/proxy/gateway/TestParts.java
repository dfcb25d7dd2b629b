package dev.understudy.proxy.gateway;

import dev.understudy.testing.HeldRoutePredicateFactory;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.rewrite.ModifyRequestBodyGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.rewrite.ModifyResponseBodyGatewayFilterFactory;
import org.springframework.cloud.gateway.handler.AsyncPredicate;
import org.springframework.cloud.gateway.handler.predicate.AbstractRoutePredicateFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What routes of tests may name beside the Gateway's own filters and predicates. */
@Configuration(proxyBeanMethods = false)
@Import({
  HeldRoutePredicateFactory.class,
  TestParts.NoRoutePredicateFactory.class,
  TestParts.NotSoonRoutePredicateFactory.class,
  TestParts.WatchingFilter.class,
  RefusedBeforeEngineTest.HeldGatewayFilterFactory.class,
  LaneWebSocketsTest.ListenGatewayFilterFactory.class
})
class TestParts {
  /** A filter without arguments. */
  private static final class Named extends AbstractGatewayFilterFactory<Object> {
    private final String name;
    private final GatewayFilter filter;

    Named(String name, GatewayFilter filter) {
      super(Object.class);
      this.name = name;
      this.filter = filter;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public GatewayFilter apply(Object config) {
      return filter;
    }
  }

  @Bean
  Named shout(ModifyRequestBodyGatewayFilterFactory bodies) {
    return new Named(
        "Shout",
        bodies.apply(
            config ->
                config.setRewriteFunction(
                    String.class,
                    String.class,
                    (exchange, body) -> Mono.just(body.toUpperCase(Locale.ROOT)))));
  }

  @Bean
  Named wrap(ModifyResponseBodyGatewayFilterFactory bodies) {
    return new Named(
        "Wrap",
        bodies.apply(
            config ->
                config.setRewriteFunction(
                    String.class, String.class, (exchange, body) -> Mono.just("<" + body + ">"))));
  }

  /** Changes threads. */
  @Bean
  Named hop() {
    return new Named(
        "Hop",
        (exchange, chain) ->
            Mono.just(1)
                .publishOn(Schedulers.parallel())
                .flatMap(x -> chain.filter(exchange))
                .publishOn(Schedulers.parallel()));
  }

  /** Its client has gone when it is done. */
  @Bean
  Named loseClient() {
    return new Named(
        "LoseClient",
        (exchange, chain) -> {
          GatewayLaneRequest.of(exchange).abort();
          return chain.filter(exchange);
        });
  }

  /** Lets a body begin, and then fails. */
  @Bean
  Named spoil() {
    return new Named(
        "Spoil",
        (exchange, chain) ->
            chain.filter(
                exchange
                    .mutate()
                    .request(
                        new ServerHttpRequestDecorator(exchange.getRequest()) {
                          @Override
                          public Flux<DataBuffer> getBody() {
                            return super.getBody()
                                .take(1)
                                .concatWith(
                                    Flux.error(
                                        new DataBufferLimitException("too much for this filter")));
                          }
                        })
                    .build()));
  }

  /** Fails with an error that must not be seen outside. */
  @Bean
  Named broken() {
    return new Named(
        "Broken",
        (exchange, chain) -> {
          throw new IllegalStateException("secret detail");
        });
  }

  /** Responds with 204 by another thread. */
  @Bean
  Named elsewhere() {
    return new Named(
        "Elsewhere",
        (exchange, chain) -> {
          exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
          return Mono.fromCallable(() -> true)
              .subscribeOn(Schedulers.boundedElastic())
              .flatMap(any -> exchange.getResponse().setComplete());
        });
  }

  /** Never matches, and counts how often it is asked. */
  static class NoRoutePredicateFactory extends AbstractRoutePredicateFactory<Object> {
    final AtomicInteger asked = new AtomicInteger();

    NoRoutePredicateFactory() {
      super(Object.class);
    }

    @Override
    public Predicate<ServerWebExchange> apply(Object config) {
      return exchange -> {
        asked.incrementAndGet();
        return false;
      };
    }
  }

  /** Never matches, and says so on another thread. */
  static class NotSoonRoutePredicateFactory extends AbstractRoutePredicateFactory<Object> {
    NotSoonRoutePredicateFactory() {
      super(Object.class);
    }

    @Override
    public Predicate<ServerWebExchange> apply(Object config) {
      throw new IllegalStateException();
    }

    @Override
    public AsyncPredicate<ServerWebExchange> applyAsync(Object config) {
      return exchange -> Mono.just(false).publishOn(Schedulers.parallel());
    }
  }

  /** Runs if the Gateway's own weight filter would. */
  static final class WatchingFilter implements WebFilter {
    volatile boolean hasRun;

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
      hasRun = true;
      return chain.filter(exchange);
    }
  }
}
