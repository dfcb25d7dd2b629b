package dev.understudy.admin;

import dev.understudy.admin.access.AccessTokens;
import dev.understudy.admin.access.AccessTokens.Verdict;
import dev.understudy.admin.access.ReadPolicy;
import dev.understudy.admin.access.Role;
import dev.understudy.text.Words;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The access rules. Tokens are presented as {@code Authorization: Bearer TOKEN} (RFC 6750).
 *
 * <table>
 * <caption>Statuses</caption>
 * <tr><th>token<th>read, reads are open<th>read, reads need a token<th>write
 * <tr><td>none<td>200<td>401<td>401; 403 if no token is set
 * <tr><td>wrong<td>200<td>401<td>401; 403 if no token is set
 * <tr><td>of role view<td>200<td>200<td>403
 * <tr><td>of role operate<td>200<td>200<td>200
 * <tr><td>the file of the token cannot be read, or that of tokens never could
 *     <td>200<td>403<td>403
 * </table>
 *
 * <p>{@code whoami} gives 401 for a wrong token only, as clients then forget it; 503 while a token
 * cannot be compared.
 *
 * <p>CORS and cookies are not supported. A foreign page in an operator's browser can therefore
 * neither read a response nor send a write, because its browser does not add {@code Authorization}
 * by itself; see {@link CrossOriginCheck} for what else it could do.
 */
final class AccessRules implements Endpoints {
  /** Says who the client is; open to everybody. */
  static final String WHOAMI = "/api/whoami";

  /** How often the token of an open stream is checked again. */
  private static final Duration RECHECK = Duration.ofSeconds(5);

  /** Checks in a row that find the file of tokens unreadable before a stream ends: 30 s. */
  private static final int UNREADABLE_CHECKS = 6;

  private static final String CHALLENGE = "Bearer realm=\"understudy\"";
  private static final String SCHEME = "bearer ";

  /** A handler of requests from an operator. */
  interface OperatorHandler {
    /**
     * Handles a request.
     *
     * @param token the name of the token that the client presented
     */
    Mono<ServerResponse> handle(ServerRequest request, String token);
  }

  /**
   * The response of {@code GET /api/whoami}.
   *
   * @param name of the presented token; null if there is none
   * @param role of the presented token; null if there is none
   * @param writesOff why writes are off, for people; null if they are on
   */
  private record Identity(
      @Nullable String name,
      @Nullable String role,
      String reads,
      String writes,
      @Nullable String writesOff) {}

  private static final String NO_OPERATOR = "no token has the role operate";

  private final AccessTokens tokens;
  private final ReadPolicy reads;
  private final RefusalLog refusals;

  AccessRules(AccessTokens tokens, ReadPolicy reads, RefusalLog refusals) {
    this.tokens = tokens;
    this.reads = reads;
    this.refusals = refusals;
  }

  @Override
  public void addTo(Paths paths) {
    paths.read(WHOAMI, this::whoami);
  }

  /** Wraps a handler so that it runs only for requests with a token of role operate. */
  HandlerFunction<ServerResponse> write(OperatorHandler handler) {
    return request ->
        check(request.exchange().getRequest())
            .flatMap(
                verdict -> {
                  if (verdict instanceof Verdict.Accepted accepted) {
                    return accepted.role() == Role.OPERATE
                        ? handler.handle(request, accepted.name())
                        : Mono.error(viewOnly(request.exchange().getRequest(), accepted));
                  }
                  return Mono.error(
                      refusal(request.exchange().getRequest(), verdict, "Changes are off"));
                });
  }

  /** Whether every client may read. */
  boolean readsAreOpen() {
    return reads == ReadPolicy.OPEN;
  }

  /** Completes if the request may read; fails with a {@link ProblemDocument} otherwise. */
  Mono<Void> requireReader(ServerHttpRequest request) {
    return check(request)
        .flatMap(
            verdict ->
                verdict instanceof Verdict.Accepted
                    ? Mono.empty()
                    : Mono.error(refusal(request, verdict, "Reads are off")));
  }

  /**
   * Completes once the token of a reading request is no longer accepted; checks every 5 s. A file
   * that cannot be read for a moment revokes nothing; one that cannot for 30 s does.
   */
  Mono<Void> revoked(ServerRequest request) {
    if (readsAreOpen()) {
      return Mono.never();
    }
    ServerHttpRequest presented = request.exchange().getRequest();
    return revoked(Flux.interval(RECHECK).onBackpressureDrop().concatMap(tick -> check(presented)));
  }

  static Mono<Void> revoked(Flux<Verdict> checks) {
    return checks
        .scan(0, AccessRules::evidence)
        .filter(evidence -> evidence >= UNREADABLE_CHECKS)
        .next()
        .then();
  }

  /** The number of checks in a row that failed; a token that is wrong counts as enough of them. */
  private static int evidence(int before, Verdict verdict) {
    return switch (verdict) {
      case Verdict.Accepted accepted -> 0;
      case Verdict.Unreadable unreadable -> before + 1;
      case Verdict.Rejected rejected -> UNREADABLE_CHECKS;
      case Verdict.NotSet notSet -> UNREADABLE_CHECKS;
    };
  }

  /** Tells a client who it is, and what is open to it. */
  private Mono<ServerResponse> whoami(ServerRequest request) {
    ServerHttpRequest asked = request.exchange().getRequest();
    boolean none = !asked.getHeaders().containsHeader(HttpHeaders.AUTHORIZATION);
    return check(asked)
        .flatMap(
            verdict -> {
              if (verdict instanceof Verdict.Accepted accepted) {
                return identity(accepted.name(), Words.lower(accepted.role()));
              }
              if (none) {
                return identity(null, null);
              }
              return Mono.error(
                  verdict instanceof Verdict.Unreadable file
                      ? notComparable(file)
                      : unauthorized(asked, RefusalLog.Cause.WRONG_TOKEN));
            });
  }

  private static ProblemDocument notComparable(Verdict.Unreadable file) {
    return ProblemDocument.unavailable("The token cannot be checked: " + unreadable(file) + ".", 5);
  }

  private Mono<ServerResponse> identity(@Nullable String name, @Nullable String role) {
    boolean on = tokens.anyOperates();
    return Json.ok(
        new Identity(name, role, Words.lower(reads), on ? "on" : "off", on ? null : writesOff()));
  }

  /** Why no token may change anything. May read a file. */
  private String writesOff() {
    return switch (tokens.check("")) {
      case Verdict.NotSet none -> "no token is set";
      case Verdict.Unreadable file -> unreadable(file);
      case Verdict.Accepted accepted -> NO_OPERATOR;
      case Verdict.Rejected rejected -> NO_OPERATOR;
    };
  }

  private static String unreadable(Verdict.Unreadable file) {
    return "the file that " + file.setting() + " names cannot be read; see the log";
  }

  private Mono<Verdict> check(ServerHttpRequest request) {
    return Mono.fromCallable(() -> tokens.check(presented(request)))
        .subscribeOn(Schedulers.boundedElastic());
  }

  /**
   * The token of the only Authorization header; empty if there is none, several, or another scheme.
   */
  private static String presented(ServerHttpRequest request) {
    String value = authorization(request);
    if (value == null || !value.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      return "";
    }
    return value.substring(SCHEME.length()).strip();
  }

  private static @Nullable String authorization(ServerHttpRequest request) {
    List<String> values = request.getHeaders().getOrEmpty(HttpHeaders.AUTHORIZATION);
    return values.size() == 1 ? values.get(0) : null;
  }

  /**
   * The problem of a request without an accepted token.
   *
   * @param off the sentence for the case that no token could be accepted
   */
  private ProblemDocument refusal(ServerHttpRequest request, Verdict verdict, String off) {
    return switch (verdict) {
      case Verdict.NotSet notSet ->
          off(
              request,
              off
                  + ": no token is set ("
                  + String.join(", ", AccessTokens.TOKEN, AccessTokens.TOKEN_FILE)
                  + " or "
                  + AccessTokens.TOKENS_FILE
                  + ").");
      case Verdict.Unreadable file -> off(request, off + ": " + unreadable(file) + ".");
      default ->
          unauthorized(
              request,
              request.getHeaders().containsHeader(HttpHeaders.AUTHORIZATION)
                  ? RefusalLog.Cause.WRONG_TOKEN
                  : RefusalLog.Cause.NO_TOKEN);
    };
  }

  private ProblemDocument unauthorized(ServerHttpRequest request, RefusalLog.Cause cause) {
    refusals.refused(cause, request, null);
    return cause == RefusalLog.Cause.NO_TOKEN
        ? new ProblemDocument(HttpStatus.UNAUTHORIZED, "Expected Authorization: Bearer TOKEN.")
            .with(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE)
        : new ProblemDocument(HttpStatus.UNAUTHORIZED, "The token is wrong.")
            .with(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE + ", error=\"invalid_token\"");
  }

  private ProblemDocument off(ServerHttpRequest request, String why) {
    refusals.refused(RefusalLog.Cause.OFF, request, null);
    return new ProblemDocument(HttpStatus.FORBIDDEN, why);
  }

  private ProblemDocument viewOnly(ServerHttpRequest request, Verdict.Accepted accepted) {
    refusals.refused(RefusalLog.Cause.ROLE, request, accepted.name());
    return new ProblemDocument(
            HttpStatus.FORBIDDEN,
            "The token %s has the role view; expected one of role operate."
                .formatted(accepted.name()))
        .with(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE + ", error=\"insufficient_scope\"");
  }
}
