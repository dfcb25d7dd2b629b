package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_PREDICATE_ROUTE_ATTR;

import dev.understudy.extension.Extension;
import dev.understudy.extension.Extensions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.AsyncPredicate;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Extensions as beans of the Gateway's context, where routes find them by the Gateway's names. */
public final class ExtensionBeans {
  private ExtensionBeans() {}

  /** The factories, by names of beans. */
  public static Map<String, Object> of(Extensions extensions) {
    Map<String, Object> beans = new LinkedHashMap<>();
    extensions
        .filters()
        .forEach(each -> beans.put("extension filter " + each.name(), new Filters(each)));
    extensions
        .predicates()
        .forEach(each -> beans.put("extension predicate " + each.name(), new Predicates(each)));
    return beans;
  }

  /** Makes the filters of an extension, each with its bounds. */
  static final class Filters extends ExtensionFactory implements GatewayFilterFactory<Object> {
    private final GatewayFilterFactory<Object> factory;

    Filters(Extension<GatewayFilterFactory<Object>> extension) {
      super(extension, extension.instance(), extension.instance());
      this.factory = extension.instance();
    }

    @Override
    public GatewayFilter apply(Object config) {
      GatewayFilter inner = made(() -> factory.apply(config));
      GatewayFilter bounded =
          new ExtensionFilter(inner, ExtensionThreads.of(extension), log("Filter"));
      return inner instanceof Ordered ordered
          ? new OrderedGatewayFilter(bounded, ordered.getOrder())
          : bounded;
    }
  }

  /**
   * Makes the predicates of an extension. Each is tested on {@linkplain ExtensionThreads threads of
   * its own}; one that fails, or takes longer than a second, does not match, as the Gateway's own.
   */
  private static final class Predicates extends ExtensionFactory
      implements RoutePredicateFactory<Object> {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final RoutePredicateFactory<Object> factory;

    Predicates(Extension<RoutePredicateFactory<Object>> extension) {
      super(extension, extension.instance(), extension.instance());
      this.factory = extension.instance();
    }

    @Override
    public void beforeApply(Object config) {
      factory.beforeApply(config);
    }

    @Override
    public Predicate<ServerWebExchange> apply(Object config) {
      return made(() -> factory.apply(config));
    }

    @Override
    public AsyncPredicate<ServerWebExchange> applyAsync(Object config) {
      AsyncPredicate<ServerWebExchange> inner = made(() -> factory.applyAsync(config));
      ExtensionLog log = log("Predicate");
      Scheduler threads = ExtensionThreads.of(extension);
      return exchange -> tested(inner, exchange, threads, log);
    }

    private static Publisher<Boolean> tested(
        AsyncPredicate<ServerWebExchange> inner,
        ServerWebExchange exchange,
        Scheduler threads,
        ExtensionLog log) {
      Object route = exchange.getAttribute(GATEWAY_PREDICATE_ROUTE_ATTR);
      Scheduler loop = Schedulers.fromExecutorService(GatewayLaneRequest.of(exchange).loop);
      return Mono.defer(() -> test(inner, exchange))
          .subscribeOn(threads)
          .timeout(LIMIT, Mono.error(() -> log.overdue(route, LIMIT)), loop)
          .publishOn(loop)
          .onErrorResume(
              error -> {
                if (!(error instanceof ExtensionLog.Failure)) {
                  var unused = log.failed(route, error);
                }
                return Mono.just(false);
              });
    }

    /** Reactor leaves errors of linkage to the thread, which would then tell nobody. */
    private static Mono<Boolean> test(
        AsyncPredicate<ServerWebExchange> inner, ServerWebExchange exchange) {
      try {
        return Mono.from(inner.apply(exchange));
      } catch (LinkageError | StackOverflowError e) {
        return Mono.error(new IllegalStateException(e));
      }
    }
  }
}
