package dev.understudy.admin;

import io.netty.util.NetUtil;
import java.util.Map;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableChannel;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Maps paths and methods to handlers. All other requests get 404 or 405, so that this port never
 * tries a route of the main port.
 */
final class AdminRoutes {
  private static final Logger log = LoggerFactory.getLogger(AdminRoutes.class);

  private final Reads reads;
  private final StatisticsReads statistics;
  private final EventReads eventReads;
  private final Writes writes;
  private final LogLevels logLevels;
  private final EventStreams streams;
  private final Diagnostics diagnostics;
  private final Guard guard;

  AdminRoutes(
      Reads reads,
      EventReads eventReads,
      StatisticsReads statistics,
      Writes writes,
      LogLevels logLevels,
      EventStreams streams,
      Diagnostics diagnostics,
      Guard guard) {
    this.reads = reads;
    this.statistics = statistics;
    this.eventReads = eventReads;
    this.writes = writes;
    this.logLevels = logLevels;
    this.streams = streams;
    this.diagnostics = diagnostics;
    this.guard = guard;
  }

  RouterFunction<ServerResponse> router() {
    RouterFunctions.Builder router = RouterFunctions.route();
    Console.files().forEach((path, file) -> add(router, path, reading(file)));
    add(router, "/api/pools", reading(reads::pools));
    add(router, "/api/pools/{pool}", reading(reads::pool));
    add(
        router,
        "/api/pools/{pool}/servers/{server}/state",
        Map.of(HttpMethod.PUT, guard.write(writes::state)));
    add(router, "/api/pools/{pool}/switch", Map.of(HttpMethod.POST, guard.write(writes::switchTo)));
    add(router, "/api/pools/{pool}/timeline", reading(eventReads::timeline));
    add(router, "/api/timelines", reading(eventReads::timelines));
    add(router, "/api/events", reading(eventReads::events));
    add(router, "/api/events/stream", Map.of(HttpMethod.GET, this::stream));
    add(router, "/api/overview", reading(statistics::overview));
    add(
        router,
        "/api/overview/stream",
        Map.of(HttpMethod.GET, request -> statistics.stream(request, guard.revoked(request))));
    add(router, "/api/process", reading(statistics::process));
    add(router, "/api/certificates", reading(statistics::certificates));
    add(router, "/api/routes", reading(reads::routes));
    add(router, "/api/agreement", reading(reads::agreement));
    add(router, "/api/config", reading(reads::configuration));
    add(router, Guard.WHOAMI, reading(guard::whoami));
    add(router, "/api/loggers", reading(logLevels::all));
    add(
        router,
        "/api/loggers/{name}",
        Map.of(
            HttpMethod.GET,
            logLevels::one,
            HttpMethod.HEAD,
            logLevels::one,
            HttpMethod.PUT,
            guard.write(logLevels::set)));
    // A read that wants the token of a write: a thread dump and settings must not be open.
    add(
        router,
        "/api/diagnostics",
        Map.of(HttpMethod.GET, guard.write((request, operator) -> diagnostics.read(request))));
    return router
        .route(RequestPredicates.all(), AdminRoutes::nothingHere)
        .filter(this::handle)
        .build();
  }

  private static Map<HttpMethod, HandlerFunction<ServerResponse>> reading(
      HandlerFunction<ServerResponse> handler) {
    return Map.of(HttpMethod.GET, handler, HttpMethod.HEAD, handler);
  }

  private static void add(
      RouterFunctions.Builder router,
      String path,
      Map<HttpMethod, HandlerFunction<ServerResponse>> methods) {
    router.route(
        RequestPredicates.path(path),
        request -> {
          HandlerFunction<ServerResponse> handler = methods.get(request.method());
          return handler == null ? notAllowed(methods) : handler.handle(request);
        });
  }

  private Mono<ServerResponse> stream(ServerRequest request) {
    String lastSeen = request.headers().firstHeader("Last-Event-ID");
    if (lastSeen == null) {
      // For scripts, and for a page's first connection, which cannot set a header.
      lastSeen = request.queryParam("after").orElse(null);
    }
    Flux<ServerSentEvent<String>> events =
        streams
            .open(Reads.poolParameter(request), lastSeen)
            .takeUntilOther(guard.revoked(request))
            .onErrorResume(EventFeed.TooSlow.class, e -> cutOff(request, "event stream"));
    return ServerResponse.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .header("X-Accel-Buffering", "no")
        .body(BodyInserters.fromServerSentEvents(events));
  }

  /**
   * Disposes the connection: an orderly end would wait behind the data that a slow reader leaves
   * unread.
   *
   * @param what the kind of stream, for the log
   */
  static <T> Flux<T> cutOff(ServerRequest request, String what) {
    log.info(
        "An {} was cut off: {} reads too slowly",
        what,
        request.remoteAddress().map(NetUtil::toSocketAddressString).orElse("its reader"));
    HttpServerRequest connection =
        ServerHttpRequestDecorator.getNativeRequest(request.exchange().getRequest());
    connection.withConnection(DisposableChannel::dispose);
    return Flux.empty();
  }

  private static Mono<ServerResponse> notAllowed(
      Map<HttpMethod, HandlerFunction<ServerResponse>> methods) {
    TreeSet<String> names = new TreeSet<>();
    methods.keySet().forEach(method -> names.add(method.name()));
    String allowed = String.join(", ", names);
    return Mono.error(
        new ProblemDocument(HttpStatus.METHOD_NOT_ALLOWED, "Expected " + allowed + ".")
            .with(HttpHeaders.ALLOW, allowed));
  }

  private static Mono<ServerResponse> nothingHere(ServerRequest request) {
    return Mono.error(
        new ProblemDocument(
            HttpStatus.NOT_FOUND, "Nothing is here. Try /, /api/pools or /actuator/health."));
  }

  private Mono<ServerResponse> handle(ServerRequest request, HandlerFunction<ServerResponse> next) {
    addHeaders(request.exchange().getResponse().getHeaders());
    return Mono.defer(
            () -> {
              guard.requireSameOrigin(request);
              return next.handle(request);
            })
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
