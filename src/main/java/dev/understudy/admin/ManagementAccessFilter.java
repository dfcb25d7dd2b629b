package dev.understudy.admin;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.codec.HttpMessageWriter;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.function.server.HandlerStrategies;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.result.view.ViewResolver;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/**
 * Lets through to the management port what no foreign page sent, and, if reads need a token, only
 * clients with one. Open without are the console's files, which hold no data, health, and {@code
 * whoami}; everything else is guarded, so that no new path is forgotten. Writes are checked once
 * more, for the role. Health is for the platform's probes by whatever name, as it holds no data
 * either.
 *
 * <p>Responds to the {@link ProblemDocument}s of everything behind it, too. A client that has part
 * of its response already is cut off.
 */
final class ManagementAccessFilter implements WebFilter {
  private static final ServerResponse.Context WRITERS =
      new ServerResponse.Context() {
        private final HandlerStrategies strategies = HandlerStrategies.withDefaults();

        @Override
        public List<HttpMessageWriter<?>> messageWriters() {
          return strategies.messageWriters();
        }

        @Override
        public List<ViewResolver> viewResolvers() {
          return strategies.viewResolvers();
        }
      };

  private final AccessRules guard;
  private final CrossOriginCheck origins;
  private final List<PathPattern> health;
  private final List<PathPattern> open;

  /**
   * @param health the path of the health endpoint; null if there is none
   */
  ManagementAccessFilter(AccessRules guard, CrossOriginCheck origins, @Nullable String health) {
    this.guard = guard;
    this.origins = origins;
    this.health = patterns(health == null ? List.of() : List.of(health, health + "/**"));
    this.open =
        patterns(Stream.concat(Console.PATHS.stream(), Stream.of(AccessRules.WHOAMI)).toList());
  }

  private static List<PathPattern> patterns(List<String> paths) {
    return paths.stream().map(PathPatternParser.defaultInstance::parse).toList();
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return admitted(exchange, chain)
        .onErrorResume(
            ProblemDocument.class,
            problem ->
                exchange.getResponse().isCommitted()
                    ? ManagementConnection.cutOff(exchange.getRequest())
                    : refuse(exchange, problem));
  }

  private Mono<Void> admitted(ServerWebExchange exchange, WebFilterChain chain) {
    ServerHttpRequest request = exchange.getRequest();
    if (isOneOf(health, request)) {
      return chain.filter(exchange);
    }
    return origins
        .require(request)
        .then(Mono.defer(() -> isReadable(request) ? Mono.empty() : guard.requireReader(request)))
        .then(Mono.defer(() -> chain.filter(exchange)));
  }

  private boolean isReadable(ServerHttpRequest request) {
    return guard.readsAreOpen() || isOneOf(open, request);
  }

  /** Matches as the routes of this port do: on decoded segments, without their parameters. */
  private static boolean isOneOf(List<PathPattern> patterns, ServerHttpRequest request) {
    PathContainer path = request.getPath().pathWithinApplication();
    return patterns.stream().anyMatch(pattern -> pattern.matches(path));
  }

  private static Mono<Void> refuse(ServerWebExchange exchange, ProblemDocument problem) {
    AdminRoutes.addHeaders(exchange.getResponse().getHeaders());
    return problem
        .response(exchange.getRequest().getPath().value())
        .flatMap(response -> response.writeTo(exchange, WRITERS));
  }
}
