package dev.understudy.admin;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.codec.HttpMessageWriter;
import org.springframework.http.server.PathContainer;
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
 * Lets only clients with a token through to the management port, if reads need one. Open are the
 * console's files, which hold no data, health, for the platform's probes, and {@code whoami};
 * everything else is guarded, so that no new path is forgotten. Writes are checked once more, for
 * the role.
 *
 * <p>Responds to the {@link ProblemDocument}s of everything behind it, too. A client that has part
 * of its response already is cut off.
 */
final class ReadGuard implements WebFilter {
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

  private final Guard guard;
  private final List<PathPattern> open;

  /**
   * @param health the path of the health endpoint; null if there is none
   */
  ReadGuard(Guard guard, @Nullable String health) {
    this.guard = guard;
    Stream<String> paths = Stream.concat(Console.PATHS.stream(), Stream.of(Guard.WHOAMI));
    Stream<String> ofHealth = health == null ? Stream.of() : Stream.of(health, health + "/**");
    this.open =
        Stream.concat(paths, ofHealth).map(PathPatternParser.defaultInstance::parse).toList();
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return admitted(exchange, chain)
        .onErrorResume(
            ProblemDocument.class,
            problem ->
                exchange.getResponse().isCommitted()
                    ? ClientConnection.cutOff(exchange.getRequest())
                    : refuse(exchange, problem));
  }

  private Mono<Void> admitted(ServerWebExchange exchange, WebFilterChain chain) {
    return guard.readsAreOpen() || isOpen(exchange)
        ? chain.filter(exchange)
        : guard.requireReader(exchange.getRequest()).then(Mono.defer(() -> chain.filter(exchange)));
  }

  /** Matches as the routes of this port do: on decoded segments, without their parameters. */
  private boolean isOpen(ServerWebExchange exchange) {
    PathContainer path = exchange.getRequest().getPath().pathWithinApplication();
    return open.stream().anyMatch(pattern -> pattern.matches(path));
  }

  private static Mono<Void> refuse(ServerWebExchange exchange, ProblemDocument problem) {
    AdminRoutes.addHeaders(exchange.getResponse().getHeaders());
    return problem
        .response(exchange.getRequest().getPath().value())
        .flatMap(response -> response.writeTo(exchange, WRITERS));
  }
}
