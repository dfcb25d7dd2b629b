package dev.understudy.proxy.route;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.webflux.autoconfigure.WebFluxProperties;
import org.springframework.cloud.gateway.handler.predicate.HostRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.MethodRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.PathRoutePredicateFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.http.HttpMethod;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.util.AntPathMatcher;
import org.springframework.web.server.ServerWebExchange;

/** The same routes with the Gateway's own predicates in its own order. */
final class SpringRoutes {
  private record Entry(String id, int order, List<Predicate<ServerWebExchange>> predicates)
      implements Ordered {
    @Override
    public int getOrder() {
      return order;
    }
  }

  private final List<Entry> routes = new ArrayList<>();
  private final HostRoutePredicateFactory host = new HostRoutePredicateFactory(false);
  private final PathRoutePredicateFactory path =
      new PathRoutePredicateFactory(new WebFluxProperties());
  private final MethodRoutePredicateFactory method = new MethodRoutePredicateFactory();

  SpringRoutes(List<RouteSpec> sources) {
    AntPathMatcher matcher = new AntPathMatcher(".");
    matcher.setCaseSensitive(false);
    host.setPathMatcher(matcher);
    for (RouteSpec source : sources) {
      routes.add(
          new Entry(
              source.id(),
              source.order(),
              source.predicates().stream().map(this::predicate).toList()));
    }
    AnnotationAwareOrderComparator.sort(routes);
  }

  private Predicate<ServerWebExchange> predicate(RoutePart part) {
    List<String> values = new ArrayList<>(part.args().values());
    return switch (part.name()) {
      case "Host" -> host.apply(new HostRoutePredicateFactory.Config().setPatterns(values));
      case "Path" -> {
        if (values.getLast().equalsIgnoreCase("true")
            || values.getLast().equalsIgnoreCase("false")) {
          values.removeLast();
        }
        yield path.apply(new PathRoutePredicateFactory.Config().setPatterns(values));
      }
      case "Method" -> {
        MethodRoutePredicateFactory.Config config = new MethodRoutePredicateFactory.Config();
        config.setMethods(values.stream().map(HttpMethod::valueOf).toArray(HttpMethod[]::new));
        yield method.apply(config);
      }
      default -> exchange -> (exchange.getRequest().getURI().getRawPath().hashCode() & 1) == 0;
    };
  }

  /** As {@code RoutePredicateHandlerMapping} looks it up: who throws does not match. */
  @Nullable String first(String method, @Nullable String host, String path) {
    MockServerHttpRequest.BodyBuilder request =
        MockServerHttpRequest.method(
            HttpMethod.valueOf(method), URI.create("http://any.test" + path));
    if (host != null) {
      request.header("Host", host);
    }
    ServerWebExchange exchange = MockServerWebExchange.from(request.build());
    return routes.stream()
        .filter(route -> route.predicates().stream().allMatch(each -> matches(each, exchange)))
        .map(Entry::id)
        .findFirst()
        .orElse(null);
  }

  private static boolean matches(
      Predicate<ServerWebExchange> predicate, ServerWebExchange exchange) {
    try {
      return predicate.test(exchange);
    } catch (RuntimeException e) {
      return false;
    }
  }
}
