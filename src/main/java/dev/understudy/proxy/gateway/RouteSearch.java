package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_PREDICATE_ROUTE_ATTR;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.util.context.Context;

/**
 * Tests one route after the other like {@code RoutePredicateHandlerMapping}. A route whose
 * predicate throws does not match; an error that a predicate signals asynchronously fails the
 * search.
 */
final class RouteSearch {
  private static final Logger log = LoggerFactory.getLogger(RouteSearch.class);
  private static final LogBound FAILURES = new LogBound();

  private final List<Route> routes;
  private final ServerWebExchange exchange;

  private int at;

  RouteSearch(List<Route> routes, ServerWebExchange exchange) {
    this.routes = routes;
    this.exchange = exchange;
  }

  /**
   * Returns the first route at or after this index that matches; empty if none does. Can be called
   * once.
   */
  Mono<Route> from(int index) {
    for (at = index; at < routes.size(); at++) {
      Publisher<Boolean> response = ask();
      Boolean known = atOnce(response);
      if (known == null) {
        return Mono.create(sink -> new Wait(sink, response).begin());
      }
      if (known) {
        return Mono.just(routes.get(at));
      }
    }
    return Mono.empty();
  }

  private Publisher<Boolean> ask() {
    Route route = routes.get(at);
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
    if (leftOut != LogBound.SILENT) {
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

  /** Continues the search after an asynchronous result, without a deeper stack for each. */
  private final class Wait {
    private final MonoSink<Route> sink;
    private final AtomicInteger turns = new AtomicInteger();
    private @Nullable Publisher<Boolean> asked;
    private volatile @Nullable Response awaited;

    Wait(MonoSink<Route> sink, Publisher<Boolean> asked) {
      this.sink = sink;
      this.asked = asked;
    }

    void begin() {
      sink.onCancel(
          () -> {
            Response last = awaited;
            if (last != null) {
              last.cancel();
            }
          });
      turn();
    }

    private void turn() {
      if (turns.getAndIncrement() != 0) {
        return;
      }
      do {
        Publisher<Boolean> next = asked == null ? ask() : asked;
        asked = null;
        Response response = new Response(this);
        awaited = response;
        Mono.from(next).subscribe(response);
      } while (turns.decrementAndGet() != 0);
    }

    void matches() {
      sink.success(routes.get(at));
    }

    void doesNot() {
      at++;
      if (at < routes.size()) {
        turn();
      } else {
        sink.success();
      }
    }
  }

  /** The result of one predicate, immediate or later. */
  private static final class Response extends BaseSubscriber<Boolean> {
    private final Wait wait;
    private boolean yes;

    Response(Wait wait) {
      this.wait = wait;
    }

    @Override
    public Context currentContext() {
      return Context.of(wait.sink.contextView());
    }

    @Override
    protected void hookOnNext(Boolean value) {
      yes = value;
    }

    @Override
    protected void hookOnComplete() {
      if (yes) {
        wait.matches();
      } else {
        wait.doesNot();
      }
    }

    @Override
    protected void hookOnError(Throwable failure) {
      wait.sink.error(failure);
    }
  }
}
