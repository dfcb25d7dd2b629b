package dev.understudy.admin;

import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Serves the console's files, which are open to everybody: they hold no data. They are read at the
 * first request, and are not static resources of Spring Boot, which the main port would serve too.
 *
 * <p>The page is asked for anew each time and is mostly not modified; all that it loads lies below
 * a path with a hash of the content, and is kept by browsers.
 */
final class Console implements Endpoints {
  /**
   * Allows only same-origin sources, nothing inline and no framing. Markup can only be made from
   * lit-html's templates (W3C Trusted Types), never from text.
   */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types lit-html";

  private static final String INDEX = "/";
  private static final String ICON = "/favicon.svg";
  private static final String ASSETS = "/assets/{hash}/{*path}";

  /** The patterns of all paths of the console. */
  static final List<String> PATHS = List.of(INDEX, ICON, ASSETS);

  private static final String KEPT = "public, max-age=31536000, immutable";
  private static final String CHECKED = "no-cache";

  private final Mono<ConsoleFiles> files =
      Mono.fromCallable(ConsoleFiles::load).subscribeOn(Schedulers.boundedElastic()).cache();

  @Override
  public void addTo(Paths paths) {
    files().forEach(paths::read);
  }

  /** The handler of each path or pattern of paths. */
  Map<String, HandlerFunction<ServerResponse>> files() {
    return Map.of(INDEX, this::index, ICON, this::icon, ASSETS, this::asset);
  }

  private Mono<ServerResponse> index(ServerRequest request) {
    return files.flatMap(all -> checked(request, all.index()));
  }

  private Mono<ServerResponse> icon(ServerRequest request) {
    return files.flatMap(all -> checked(request, all.icon()));
  }

  /** Responds with a file that the page loads. The hash of another version is unknown: 404. */
  private Mono<ServerResponse> asset(ServerRequest request) {
    String path = request.pathVariable("path").substring(1);
    return files.flatMap(
        all -> {
          ConsoleFiles.File file = all.asset(request.pathVariable("hash"), path);
          return file == null
              ? Mono.error(
                  new ProblemDocument(
                      HttpStatus.NOT_FOUND, "No such file in this version; load the page again."))
              : send(request, file, KEPT);
        });
  }

  private static Mono<ServerResponse> checked(ServerRequest request, ConsoleFiles.File file) {
    // On the response itself: a 304 has them, too.
    setHeaders(request, CHECKED);
    return request
        .checkNotModified(file.etag())
        .switchIfEmpty(Mono.defer(() -> send(request, file, CHECKED)));
  }

  private static Mono<ServerResponse> send(
      ServerRequest request, ConsoleFiles.File file, String caching) {
    setHeaders(request, caching);
    return ServerResponse.ok().contentType(file.type()).eTag(file.etag()).bodyValue(file.bytes());
  }

  private static void setHeaders(ServerRequest request, String caching) {
    HttpHeaders headers = request.exchange().getResponse().getHeaders();
    headers.set(HttpHeaders.CACHE_CONTROL, caching);
    headers.set(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
    headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  }
}
