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
 * Who may do what: anybody may read, and a write wants {@code Authorization: Bearer TOKEN} (RFC
 * 6750).
 *
 * <p>There is no CORS and no cookie. A foreign page in an operator's browser can therefore neither
 * read a response nor send a write, as its browser adds no {@code Authorization} by itself; a page
 * that reaches us by DNS rebinding has an origin of its own, hence not the console's session
 * storage with the token in it. Such pages can read what is open to all that reach this port.
 */
final class Guard {
  private static final String CHALLENGE = "Bearer realm=\"understudy\"";
  private static final String SCHEME = "bearer ";

  private final AdminToken token;

  Guard(AdminToken token) {
    this.token = token;
  }

  /** Lets through what brings the token. */
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
                                      + " the log says why"));
                    });
  }

  /**
   * Turns away what another site's page fetches (W3C Fetch Metadata): it could not read the
   * response, but could use up the event streams. Whatever the path: that of a route may be written
   * in many ways. Links from other sites are welcome, and so is whoever is no browser.
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

  /** The token of the one Authorization header; empty where there is none, or another scheme. */
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
        : new ProblemDocument(HttpStatus.UNAUTHORIZED, "This is not the token.")
            .with(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE + ", error=\"invalid_token\"");
  }

  private static ProblemDocument off(String why) {
    return new ProblemDocument(HttpStatus.FORBIDDEN, "Changes are off: " + why + ".");
  }
}
