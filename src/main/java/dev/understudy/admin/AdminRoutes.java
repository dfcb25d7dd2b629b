package dev.understudy.admin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Maps the paths and methods of all {@link Endpoints} to their handlers. All other requests get 404
 * or 405, so that this port never tries a route of the main port.
 */
final class AdminRoutes {
  private static final Logger log = LoggerFactory.getLogger(AdminRoutes.class);

  private final AccessRules guard;
  private final Map<String, Map<HttpMethod, HandlerFunction<ServerResponse>>> handlers =
      new LinkedHashMap<>();

  AdminRoutes(List<Endpoints> parts, AccessRules guard) {
    this.guard = guard;
    Endpoints.Paths paths = new Collected();
    parts.forEach(part -> part.addTo(paths));
  }

  private final class Collected implements Endpoints.Paths {
    @Override
    public void read(String path, HandlerFunction<ServerResponse> handler) {
      add(HttpMethod.GET, path, handler);
      add(HttpMethod.HEAD, path, handler);
    }

    @Override
    public void stream(String path, HandlerFunction<ServerResponse> handler) {
      add(HttpMethod.GET, path, handler);
    }

    @Override
    public void operate(HttpMethod method, String path, AccessRules.OperatorHandler handler) {
      add(method, path, guard.write(handler));
    }

    private void add(HttpMethod method, String path, HandlerFunction<ServerResponse> handler) {
      var other =
          handlers.computeIfAbsent(path, first -> new LinkedHashMap<>()).put(method, handler);
      if (other != null) {
        throw new IllegalStateException(method + " " + path + " has two handlers");
      }
    }
  }

  RouterFunction<ServerResponse> router() {
    RouterFunctions.Builder router = RouterFunctions.route();
    handlers.forEach(
        (path, methods) ->
            router.route(
                RequestPredicates.path(path),
                request -> {
                  HandlerFunction<ServerResponse> handler = methods.get(request.method());
                  return handler == null ? notAllowed(methods) : handler.handle(request);
                }));
    return router
        .route(RequestPredicates.all(), AdminRoutes::notFound)
        .filter(this::handle)
        .build();
  }

  private static Mono<ServerResponse> notAllowed(
      Map<HttpMethod, HandlerFunction<ServerResponse>> methods) {
    String allowed =
        methods.keySet().stream().map(HttpMethod::name).sorted().collect(Collectors.joining(", "));
    return Mono.error(
        new ProblemDocument(HttpStatus.METHOD_NOT_ALLOWED, "Expected " + allowed + ".")
            .with(HttpHeaders.ALLOW, allowed));
  }

  private static Mono<ServerResponse> notFound(ServerRequest request) {
    return Mono.error(
        new ProblemDocument(
            HttpStatus.NOT_FOUND,
            "Nothing is here. Try /, /status, /api/pools or /actuator/health."));
  }

  private Mono<ServerResponse> handle(ServerRequest request, HandlerFunction<ServerResponse> next) {
    addHeaders(request.exchange().getResponse().getHeaders());
    return Mono.defer(() -> next.handle(request))
        .onErrorResume(ProblemDocument.class, problem -> problem.response(request.path()))
        .onErrorResume(
            error -> {
              log.error("{} {} failed", request.method(), request.path(), error);
              return new ProblemDocument(
                      HttpStatus.INTERNAL_SERVER_ERROR, "Internal error; see the log.")
                  .response(request.path());
            });
  }

  /**
   * Sets the headers of all responses; a response with a policy of its own replaces that header.
   */
  static void addHeaders(HttpHeaders headers) {
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
  }
}
