package dev.understudy.admin;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The access rules: reads are open, and writes require {@code Authorization: Bearer TOKEN} (RFC
 * 6750).
 *
 * <p>CORS and cookies are not supported. A foreign page in an operator's browser can therefore
 * neither read a response nor send a write, because its browser does not add {@code Authorization}
 * by itself. A page that reaches this port by DNS rebinding has an origin of its own, and hence no
 * access to the console's session storage with the token. It can read the data that is open to
 * every client of this port.
 */
final class Guard {
  private static final String CHALLENGE = "Bearer realm=\"understudy\"";
  private static final String SCHEME = "bearer ";

  private final AdminToken token;

  Guard(AdminToken token) {
    this.token = token;
  }

  /** Wraps a handler so that it runs only for requests with the right token. */
  HandlerFunction<ServerResponse> write(HandlerFunction<ServerResponse> handler) {
    return request ->
        Mono.fromCallable(() -> token.check(presented(request)))
            .subscribeOn(Schedulers.boundedElastic())
            .flatMap(
                verdict ->
                    switch (verdict) {
                      case ACCEPTED -> handler.handle(request);
                      case REJECTED -> Mono.error(unauthorized(request));
                      case NOT_SET ->
                          Mono.error(
                              off(
                                  "no token is set (understudy.admin.token or"
                                      + " understudy.admin.token-file)"));
                      case UNREADABLE ->
                          Mono.error(
                              off(
                                  "the file that understudy.admin.token-file names can't be read;"
                                      + " see the log"));
                    });
  }

  /**
   * Refuses requests made by another site's page (W3C Fetch Metadata): the page could not read the
   * response, but could use up the event streams. Applies to every path, because the path of a
   * route can be written in many ways. Links from other sites and clients other than browsers are
   * allowed.
   */
  static void requireSameOrigin(ServerRequest request) {
    String site = request.headers().firstHeader("Sec-Fetch-Site");
    String mode = request.headers().firstHeader("Sec-Fetch-Mode");
    boolean foreign = "cross-site".equals(site) || "same-site".equals(site);
    if (foreign && !"navigate".equals(mode)) {
      throw new ProblemDocument(
          HttpStatus.FORBIDDEN, "Pages of other origins may not use this API.");
    }
  }

  /**
   * The token of the only Authorization header; empty if there is none, several, or another scheme.
   */
  private static String presented(ServerRequest request) {
    String value = authorization(request);
    if (value == null || !value.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      return "";
    }
    return value.substring(SCHEME.length()).strip();
  }

  private static @Nullable String authorization(ServerRequest request) {
    List<String> values = request.headers().header(HttpHeaders.AUTHORIZATION);
    return values.size() == 1 ? values.get(0) : null;
  }

  private static ProblemDocument unauthorized(ServerRequest request) {
    boolean none = request.headers().header(HttpHeaders.AUTHORIZATION).isEmpty();
    return none
        ? new ProblemDocument(HttpStatus.UNAUTHORIZED, "Expected Authorization: Bearer TOKEN.")
            .with(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE)
        : new ProblemDocument(HttpStatus.UNAUTHORIZED, "The token is wrong.")
            .with(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE + ", error=\"invalid_token\"");
  }

  private static ProblemDocument off(String why) {
    return new ProblemDocument(HttpStatus.FORBIDDEN, "Changes are off: " + why + ".");
  }
}
