package dev.understudy.proxy.gateway;

import dev.understudy.proxy.LocalResponse;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.route.Change;
import dev.understudy.proxy.route.Ending;
import dev.understudy.proxy.route.RequestRules;
import dev.understudy.proxy.route.Step;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Runs one step that has a condition or values of the request, as the express lane does. */
final class RuleFilter implements GatewayFilter {
  private final Step step;
  private final ObjectProvider<FrontDoor> door;

  RuleFilter(Step step, ObjectProvider<FrontDoor> door) {
    this.step = step;
    this.door = door;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    LaneRules rules = LaneRules.of(exchange, door);
    if (RequestRules.isOfResponse(step)) {
      RequestRules.ResponseEdit edit = rules.plan(step);
      Mono<Void> response = chain.filter(exchange);
      return edit == null
          ? response
          : response.then(Mono.fromRunnable(() -> respond(rules, edit, exchange.getResponse())));
    }
    Step due = rules.due(step);
    return switch (due) {
      case null -> chain.filter(exchange);
      case Change change -> {
        ServerWebExchange next = rules.changed(change);
        yield next == null ? badRequest(exchange) : chain.filter(next);
      }
      case Step.EditHeader edit ->
          chain.filter(rules.edited(fields -> fields.apply(edit.how(), edit.name(), edit.value())));
      case Ending ending -> end(ending, exchange, rules);
      default -> throw new IllegalStateException("not a step of this filter: " + due);
    };
  }

  /** The response to a request whose values lead its path elsewhere. */
  static Mono<Void> badRequest(ServerWebExchange exchange) {
    return LocalResponses.write(exchange, LaneRequest.of(exchange), HttpStatus.BAD_REQUEST);
  }

  private static void respond(
      LaneRules rules, RequestRules.ResponseEdit edit, ServerHttpResponse response) {
    HttpStatusCode status = response.getStatusCode();
    if (!response.isCommitted() && status != null && status.value() != 101) {
      int after = rules.respond(edit, status.value(), new SpringFields(response.getHeaders()));
      if (after != status.value()) {
        response.setStatusCode(HttpStatusCode.valueOf(after));
      }
    }
  }

  private static Mono<Void> end(Ending ending, ServerWebExchange exchange, LaneRules rules) {
    LaneRequest request = LaneRequest.of(exchange);
    return switch (ending) {
      case Ending.Redirect redirect -> {
        String location = redirect.location(rules);
        yield location == null
            ? badRequest(exchange)
            : LocalResponses.redirect(exchange, redirect.status(), location);
      }
      case Ending.Respond respond -> {
        LocalResponse local =
            LocalResponse.text(
                respond.status(),
                respond.contentType(),
                respond.text(rules),
                request.received.id(),
                respond.fields(rules));
        yield LocalResponses.write(exchange, request, local);
      }
      case Ending.Reject reject -> LocalResponses.reject(request);
      case Ending.Tarpit tarpit ->
          Mono.delay(tarpit.time())
              .then(
                  Mono.defer(
                      () ->
                          LocalResponses.write(
                              exchange, request, HttpStatusCode.valueOf(tarpit.status()))));
    };
  }
}
