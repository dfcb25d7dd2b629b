package dev.understudy.proxy.gateway;

import dev.understudy.condition.PathForms;
import dev.understudy.proxy.filter.RequestForm;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.PathContainer;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Refuses a request with 400 if a filter of the Gateway would give it a path that leads elsewhere
 * than the template says: because a variable that stands for one segment has a slash in it, or
 * because the new path has a dot segment, each as written or decoded.
 *
 * @param filter changes the path of the request
 * @param templates the arguments of the filter, which may name variables
 */
record PathTemplateGuard(GatewayFilter filter, Collection<String> templates)
    implements GatewayFilter {
  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    if (hasSlash(exchange)) {
      return LocalResponses.write(exchange, 400);
    }
    return filter.filter(
        exchange,
        next ->
            RequestForm.isStray(path(exchange), path(next))
                ? LocalResponses.write(exchange, 400)
                : chain.filter(next));
  }

  private static String path(ServerWebExchange exchange) {
    return exchange.getRequest().getURI().getRawPath();
  }

  private boolean hasSlash(ServerWebExchange exchange) {
    Map<String, String> variables = ServerWebExchangeUtils.getUriTemplateVariables(exchange);
    List<String> slashed =
        variables.entrySet().stream()
            .filter(each -> templates.stream().anyMatch(text -> names(text, each.getKey())))
            .map(Map.Entry::getValue)
            .filter(PathForms::hasSlash)
            .toList();
    return !slashed.isEmpty()
        && segments(exchange).anyMatch(segment -> slashed.stream().anyMatch(segment::contains));
  }

  private static boolean names(String template, String variable) {
    return template.contains("{" + variable + "}");
  }

  /** The decoded segments of the request; a variable of several segments is in none of them. */
  private static Stream<String> segments(ServerWebExchange exchange) {
    return PathContainer.parsePath(GatewayLaneRequest.of(exchange).uri().getRawPath())
        .elements()
        .stream()
        .filter(PathContainer.PathSegment.class::isInstance)
        .map(each -> ((PathContainer.PathSegment) each).valueToMatch());
  }
}
