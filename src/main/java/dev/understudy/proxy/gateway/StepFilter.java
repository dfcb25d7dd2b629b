package dev.understudy.proxy.gateway;

import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.filter.FilterResult;
import dev.understudy.proxy.filter.HeaderFields;
import dev.understudy.proxy.filter.RequestFacts;
import dev.understudy.proxy.filter.Step;
import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Runs one compiled filter in the Gateway lane, as the express lane does. */
final class StepFilter implements GatewayFilter {
  private final Step step;

  StepFilter(Step step) {
    this.step = step;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    ExchangeRequest request = ExchangeRequest.of(exchange);
    if (step.bare().isOfResponse()) {
      RequestFacts rules = request.facts();
      RequestFacts.ResponseEdit edit = rules.plan(step);
      Mono<Void> response = chain.filter(exchange);
      return edit == null
          ? response
          : response.then(Mono.fromRunnable(() -> respond(rules, edit, exchange.getResponse())));
    }
    if (!step.bare().needsLoop() || request.loop().inEventLoop()) {
      return carryOut(request.run(step), request, chain);
    }
    return Mono.defer(() -> carryOut(request.run(step), request, chain))
        .subscribeOn(Schedulers.fromExecutor(request.loop()));
  }

  private static Mono<Void> carryOut(
      FilterResult result, ExchangeRequest request, GatewayFilterChain chain) {
    return switch (result) {
      case FilterResult.Pass pass -> chain.filter(request.exchange());
      case FilterResult.Responded ending ->
          LocalResponses.write(request.exchange(), ending.response());
      case FilterResult.Redirected to ->
          LocalResponses.redirect(request.exchange(), to.status(), to.location());
      case FilterResult.Aborted ending -> LocalResponses.reject(request.exchange());
      case FilterResult.Delayed later -> {
        request.doneWithSteps();
        yield Mono.delay(later.time())
            .then(Mono.defer(() -> LocalResponses.write(request.exchange(), later.status())));
      }
      case FilterResult.Waiting<?> waiting -> wait(waiting, request, chain);
    };
  }

  private static <T> Mono<Void> wait(
      FilterResult.Waiting<T> waiting, ExchangeRequest request, GatewayFilterChain chain) {
    RequestFacts facts = request.knownFacts();
    long kept = facts == null ? 0 : facts.costBytes();
    return Mono.fromFuture(waiting.awaited())
        .publishOn(Schedulers.fromExecutor(request.loop()))
        .doFirst(() -> count(request, kept))
        .doFinally(end -> count(request, -kept))
        .flatMap(found -> carryOut(waiting.then().apply(found), request, chain));
  }

  private static void count(ExchangeRequest request, long bytes) {
    PerEventLoop.run(request.loop(), () -> request.client().unsent(bytes));
  }

  private static void respond(
      RequestFacts rules, RequestFacts.ResponseEdit edit, ServerHttpResponse response) {
    HttpStatusCode status = response.getStatusCode();
    if (!response.isCommitted() && status != null && status.value() != 101) {
      int after = rules.respond(edit, status.value(), new SpringFields(response.getHeaders()));
      if (after != status.value()) {
        response.setStatusCode(HttpStatusCode.valueOf(after));
      }
    }
  }

  /** The fields of a message of Spring's. */
  record SpringFields(HttpHeaders headers) implements HeaderFields {
    @Override
    public List<String> all(String name) {
      return headers.getOrEmpty(name);
    }

    @Override
    public void add(String name, String value) {
      headers.add(name, value);
    }

    @Override
    public void set(String name, List<String> values) {
      headers.put(name, values);
    }

    @Override
    public void remove(String name) {
      headers.remove(name);
    }
  }
}
