package dev.understudy.proxy.route;

import dev.understudy.condition.PathForms;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.compress.Compression;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.forwardauth.AuthQuestion;
import dev.understudy.proxy.forwardauth.AuthVerdict;
import dev.understudy.proxy.forwardauth.ForwardAuthSettings;
import dev.understudy.proxy.guard.Authenticator;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.guard.RateLimiter;
import dev.understudy.proxy.http.UpgradeProtocols;
import dev.understudy.traffic.Limit;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A compiled filter: its computation, the same in both lanes. A lane runs a request's steps in
 * order; a step that ends the request does so before those that follow. {@link
 * CompiledRoute#responseEdits} has the edits of the response's headers.
 */
public sealed interface Step {
  /** Runs the step on a request whose condition holds. */
  FilterResult apply(RouteRequest request);

  /** Whether the step must run on the request's event loop. */
  default boolean needsLoop() {
    return false;
  }

  /**
   * {@code RedirectToHttps}: ends the request unless the client is on TLS.
   *
   * @param status 301, 302, 307 or 308
   * @param port the part of {@code Location} after the host: empty, or a colon and the port
   */
  record Redirect(int status, String port) implements Step {
    private static final Set<Integer> STATUSES = Set.of(301, 302, 307, 308);
    private static final int HTTPS = 443;
    private static final int LARGEST_PORT = 65535;

    /** The default status. */
    public static final int DEFAULT_STATUS = 301;

    public Redirect {
      if (!STATUSES.contains(status)) {
        throw new IllegalArgumentException(
            "status: expected 301, 302, 307 or 308, found " + status);
      }
    }

    /**
     * Creates the step from configured values.
     *
     * @param port of https; null for 443, which {@code Location} does not name
     * @throws IllegalArgumentException if a value is not valid; the message says what was expected
     */
    public static Redirect of(int status, @Nullable Integer port) {
      if (port != null && (port < 1 || port > LARGEST_PORT)) {
        throw new IllegalArgumentException("port: expected 1 to 65535, found " + port);
      }
      return new Redirect(status, port == null || port == HTTPS ? "" : ":" + port);
    }

    /**
     * The location to redirect to; null if the request names no host, in which case the response is
     * 400: {@code https:///evil.test/} would lead browsers to wherever the client chose.
     *
     * @param host the {@code Host} header; empty if there is none
     * @param target in origin-form, as it came
     */
    public @Nullable String location(String host, String target) {
      int colon = host.indexOf(':', host.startsWith("[") ? host.indexOf(']') + 1 : 0);
      String name = colon < 0 ? host : host.substring(0, colon);
      // "OPTIONS *" has no path.
      String path = target.startsWith("/") ? target : "/";
      return name.isEmpty() ? null : "https://" + name + port + path;
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      if (request.tls()) {
        return FilterResult.PASS;
      }
      String location = location(text(request.host()), request.target());
      return location == null ? request.refuse(400) : new FilterResult.Redirected(status, location);
    }
  }

  /**
   * {@code RedirectToHost}: ends the request with a redirect to the same target at another origin,
   * unless it is for that origin already (HAProxy {@code redirect prefix}).
   *
   * @param status 301, 302, 303, 307 or 308
   */
  record RedirectToHost(int status, Origin to) implements Step {
    public RedirectToHost {
      ResponseStatus.requireRedirect(status);
    }

    /**
     * Creates the step from configured values.
     *
     * @param url a scheme and a host, possibly with a port
     * @throws IllegalArgumentException if a value is not valid; the message says what was expected
     */
    public static RedirectToHost of(@Nullable Integer status, @Nullable String url) {
      return new RedirectToHost(ResponseStatus.requireRedirect(status), Origin.of(url));
    }

    /**
     * Whether the request goes on without a redirect.
     *
     * @param host the {@code Host} header; empty if there is none
     * @param tls whether the client uses TLS
     */
    public boolean isAtTarget(String host, boolean tls) {
      return to.isOf(host, tls);
    }

    /**
     * The location to redirect to.
     *
     * @param target in origin-form, as it came
     */
    public String location(String target) {
      // "OPTIONS *" has no path.
      return to.text() + (target.startsWith("/") ? target : "/");
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      return isAtTarget(text(request.host()), request.tls())
          ? FilterResult.PASS
          : new FilterResult.Redirected(status, location(request.target()));
    }
  }

  /**
   * {@code StrictTransportSecurity}: sets this value, and no other, on every response over TLS from
   * this step on, also on a 101 and on responses of a following step or of the engine.
   *
   * @param value the directives (RFC 6797 §6.1), with {@code max-age}
   */
  record TransportSecurity(String value) implements Step {
    /**
     * Creates the step from a configured value.
     *
     * @throws IllegalArgumentException if it is not valid; the message says what was expected
     */
    public static TransportSecurity of(@Nullable String value) {
      if (value == null || !hasMaxAge(value)) {
        throw new IllegalArgumentException(
            "value: expected directives such as 'max-age=16000000; preload', found "
                + quoted(value));
      }
      return new TransportSecurity(value);
    }

    private static boolean hasMaxAge(String value) {
      boolean found = false;
      for (String directive : value.split(";", -1)) {
        String text = directive.trim().toLowerCase(Locale.ROOT).replace("\"", "");
        if (text.chars().anyMatch(c -> c < ' ')) {
          return false;
        }
        String seconds = text.startsWith("max-age=") ? text.substring(8).trim() : "";
        found |= !seconds.isEmpty() && seconds.chars().allMatch(c -> c >= '0' && c <= '9');
      }
      return found;
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      request.transportSecurity(value);
      return FilterResult.PASS;
    }
  }

  /**
   * {@code RequireWebSocketUpgrade}: responds with 403 to a request for this path unless it
   * {@linkplain dev.understudy.proxy.http.WebSocketHandshake#isRelayed is relayed} as a handshake,
   * and a {@linkplain dev.understudy.proxy.http.WebSocketHandshake#isComplete complete} one. The
   * path is the client's, whatever other steps make of it, and compared as a whole, in each of its
   * {@linkplain PathForms forms}.
   *
   * @param path normalised
   */
  record WebSocketGuard(String path) implements Step {

    /**
     * Creates the step from a configured path, in any form.
     *
     * @throws IllegalArgumentException if it is not valid; the message says what was expected
     */
    public static WebSocketGuard of(@Nullable String path) {
      if (path == null || !path.startsWith("/") || path.indexOf('?') >= 0) {
        throw new IllegalArgumentException(
            "path: expected one that starts with '/', without a query, found " + quoted(path));
      }
      return new WebSocketGuard(NormalTarget.of(path));
    }

    /**
     * Whether only handshakes may pass.
     *
     * @param target in origin-form, as it came
     * @param normalPath the normalised path of the target, without a query
     */
    public boolean guards(String target, String normalPath) {
      if (path.equals(normalPath)) {
        return true;
      }
      String raw = RequestFacts.withoutQuery(target);
      return PathForms.isReducible(raw) && path.equals(NormalTarget.of(PathForms.reduced(raw)));
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      return request.isCompleteHandshake() || !guards(request.target(), request.path())
          ? FilterResult.PASS
          : request.refuse(403);
    }
  }

  /**
   * {@code Deny}: ends every request with an error response: nothing reaches a server (HAProxy
   * {@code http-request deny}).
   *
   * @param status 400 to 599
   */
  record Deny(int status) implements Step {
    /** The default status. */
    public static final int DEFAULT_STATUS = 403;

    public Deny {
      ResponseStatus.require(status, 400);
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      return request.refuse(status);
    }
  }

  /**
   * {@code Respond}: ends every request with a text, the same for all: nothing reaches a server
   * (HAProxy {@code http-request return}, {@code monitor-uri}).
   *
   * @param status 200 to 599; with 204, 205 and 304 no text is sent
   * @param text may be empty
   */
  record Respond(int status, String text) implements Step {
    /** The default status. */
    public static final int DEFAULT_STATUS = 200;

    public Respond {
      ResponseStatus.require(status, 200);
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      return request.respond(LocalResponse.text(status, text, request.id()));
    }
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static String quoted(@Nullable String value) {
    return value == null ? "nothing" : "'" + value + "'";
  }

  /**
   * {@code RateLimit}: ends requests beyond a rate with an error response (HAProxy {@code
   * track-sc0} and {@code deny if { sc_http_req_rate(0) gt N }}).
   *
   * @param status 400 to 599
   */
  record RateLimit(RateLimiter limiter, int status) implements Step {
    /** The default status. */
    public static final int DEFAULT_STATUS = 429;

    public RateLimit {
      ResponseStatus.require(status, 400);
    }

    /**
     * Creates the step from configured values.
     *
     * @param route the id of the filter's route, or {@link GuardRegistry#DEFAULTS}
     * @param arguments by name
     * @throws IllegalArgumentException if a value is not valid; the message says what was expected
     */
    public static RateLimit of(
        GuardRegistry guards, String route, Function<String, @Nullable String> arguments) {
      return new RateLimit(
          guards.rate(route, arguments), Step.status(arguments.apply("status"), DEFAULT_STATUS));
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      long wait = limiter.count(request.client(), request.trusted(), request::anyForm);
      if (wait == 0) {
        return FilterResult.PASS;
      }
      request.limited(Limit.REQUEST_RATE);
      return request.refuse(status, wait);
    }
  }

  /**
   * {@code BasicAuth}: lets only users with their passwords pass (RFC 7617; HAProxy {@code
   * http-request auth unless { http_auth(USERS) }}); ends others' requests with 401.
   */
  record BasicAuth(Authenticator authenticator) implements Step {
    /** The field with the user's name, which a client cannot set. */
    public static final String FORWARDED_USER = "x-forwarded-user";

    /**
     * Creates the step from configured values.
     *
     * @param arguments by name
     * @throws IllegalArgumentException if a value is not valid; the message says what was expected
     */
    public static BasicAuth of(GuardRegistry guards, Function<String, @Nullable String> arguments) {
      return new BasicAuth(guards.authenticator(arguments));
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      return FilterResult.after(
          authenticator.check(request.everyForm("authorization"), request.clientAddress()),
          verdict -> judged(verdict, request));
    }

    private FilterResult judged(Authenticator.Verdict verdict, RouteRequest request) {
      return switch (verdict) {
        case Authenticator.Admitted admitted -> {
          request.edit(fields -> admit(admitted, request.vouched(), fields));
          yield FilterResult.PASS;
        }
        case Authenticator.Refused refused -> {
          if (refused == Authenticator.Refused.BUSY) {
            request.limited(Limit.PASSWORD_CHECKS);
            yield request.refuse(503, 1);
          }
          yield request.respond(
              request.error(401, 0).with("www-authenticate", authenticator.challenge()));
        }
      };
    }

    /**
     * Changes a request that passes: as configured without its credentials and with the user's
     * name, whose characters stand for bytes; without a name that the client made up.
     *
     * @param vouched the fields that earlier guards have set, in small letters
     */
    private void admit(Authenticator.Admitted admitted, Set<String> vouched, HeaderFields request) {
      boolean keeps = authenticator.forward() == Authenticator.Forward.CREDENTIALS;
      boolean names = authenticator.forward() == Authenticator.Forward.USER;
      if (!keeps) {
        request.remove("authorization");
      }
      if (!keeps || !vouched.contains(FORWARDED_USER)) {
        request.remove(FORWARDED_USER);
      }
      if (names) {
        byte[] user = admitted.user().getBytes(StandardCharsets.UTF_8);
        request.add(FORWARDED_USER, new String(user, StandardCharsets.ISO_8859_1));
        vouched.add(FORWARDED_USER);
      }
    }
  }

  /**
   * {@code ForwardAuth}: lets pass what an authenticator admits (HAProxy {@code http-request
   * lua.auth-request}); its other responses go to the client.
   */
  record ForwardAuth(dev.understudy.proxy.forwardauth.ForwardAuth guard) implements Step {
    /**
     * Creates the step from configured values.
     *
     * @param route the id of the filter's route, or {@link GuardRegistry#DEFAULTS}
     * @param arguments by name
     * @throws IllegalArgumentException if a value is not valid; the message says what was expected
     */
    public static ForwardAuth of(
        GuardRegistry guards, String route, Function<String, @Nullable String> arguments) {
      ForwardAuthSettings settings = ForwardAuthSettings.of(arguments);
      return new ForwardAuth(
          guards.guard(
              route,
              settings,
              () -> new dev.understudy.proxy.forwardauth.ForwardAuth(route, settings)));
    }

    /** Subrequests belong to the event loop of their request. */
    @Override
    public boolean needsLoop() {
      return true;
    }

    @Override
    public FilterResult apply(RouteRequest request) {
      AuthQuestion question =
          new AuthQuestion(
              request.method(),
              request.host(),
              request.target(),
              request.tls(),
              request.client(),
              request.clientAddress(),
              request.sentId(),
              request::everyForm);
      return FilterResult.after(
          guard.check(question, request.engine(), request.loop()),
          verdict -> judged(verdict, request));
    }

    private FilterResult judged(AuthVerdict verdict, RouteRequest request) {
      return switch (verdict) {
        case AuthVerdict.Admitted admitted -> {
          request.edit(fields -> admit(admitted, request.vouched(), fields));
          yield FilterResult.PASS;
        }
        case AuthVerdict.Refused refused -> request.respond(refused.response(request.id()));
        case AuthVerdict.Unanswered unanswered -> {
          boolean busy = unanswered == AuthVerdict.Unanswered.BUSY;
          if (busy) {
            request.limited(Limit.FORWARD_AUTH);
          }
          yield request.refuse(503, busy ? 1 : 0);
        }
      };
    }

    /**
     * Changes a request that passes: with the authenticator's fields and none of these names that
     * the client made up.
     *
     * @param vouched the fields that earlier guards have set, in small letters
     */
    private void admit(AuthVerdict.Admitted admitted, Set<String> vouched, HeaderFields request) {
      for (String name : guard.settings().responseHeaders()) {
        List<String> values = admitted.fields().get(name);
        if (values == null) {
          request.remove(name);
        } else {
          request.set(name, values);
          vouched.add(name);
        }
      }
    }
  }

  /** The names of fields of the request that only this step may set, in small letters. */
  static List<String> ownFields(Step step) {
    return switch (step instanceof ConditionalStep conditional ? conditional.step() : step) {
      case BasicAuth auth -> List.of(BasicAuth.FORWARDED_USER);
      case ForwardAuth auth -> auth.guard().settings().responseHeaders();
      default -> List.of();
    };
  }

  /**
   * Changes a request for which a guard's condition does not hold: what only the guard may set does
   * not pass there either if the client made it up.
   */
  static void passOver(Step step, RouteRequest request) {
    List<String> own = ownFields(step);
    if (!own.isEmpty()) {
      Set<String> vouched = request.vouched();
      request.edit(
          fields -> own.stream().filter(name -> !vouched.contains(name)).forEach(fields::remove));
    }
  }

  /**
   * {@code Compress}: compresses the response if its kind is wanted and the client takes gzip, by
   * the {@code Accept-Encoding} at this step (HAProxy {@code compression algo gzip}).
   */
  record Compress(Compression settings) implements Step {
    @Override
    public FilterResult apply(RouteRequest request) {
      request.compress(settings, Compression.accepts(request.header("accept-encoding")));
      return FilterResult.PASS;
    }
  }

  /**
   * {@code AllowUpgrade}: lets requests ask their server for these protocols (Envoy {@code
   * upgrade_configs}); the last one in a route counts.
   */
  record AllowUpgrade(UpgradeProtocols protocols) implements Step {
    @Override
    public FilterResult apply(RouteRequest request) {
      request.allowUpgrade(protocols);
      return FilterResult.PASS;
    }
  }

  private static int status(@Nullable String text, int otherwise) {
    try {
      return text == null ? otherwise : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("status: expected a number, found '" + text + "'", e);
    }
  }

  /** {@code PreferServer}: names the preferred server; the last one in a route counts. */
  record Prefer(ServerId server) implements Step {
    @Override
    public FilterResult apply(RouteRequest request) {
      request.prefer(server);
      return FilterResult.PASS;
    }
  }

  /**
   * Edits a header field of the request on its way, or of the response on its way back.
   *
   * @param value empty where {@code how} is {@code REMOVE}
   */
  record EditHeader(Of of, How how, String name, String value) implements Step {
    /** The message that is edited. */
    public enum Of {
      REQUEST,
      RESPONSE
    }

    /** The kind of edit; {@code ADD_IF_MISSING} also adds the field if all its values are blank. */
    public enum How {
      ADD,
      ADD_IF_MISSING,
      SET,
      REMOVE
    }

    /** Applies the edit. */
    public void apply(HeaderFields fields) {
      fields.apply(how, name, value);
    }

    /** Edits of the response wait for it. */
    @Override
    public FilterResult apply(RouteRequest request) {
      if (of == Of.REQUEST) {
        request.edit(this::apply);
      }
      return FilterResult.PASS;
    }
  }

  /** A step that changes the path. */
  sealed interface Rewrite extends Step {
    /**
     * The changed path.
     *
     * @param path normalised, but for what other rewrites did to it
     */
    String rewrite(String path);

    /** Without facts, {@link CompiledRoute#target} changes the path after all steps. */
    @Override
    default FilterResult apply(RouteRequest request) {
      RequestFacts facts = request.knownFacts();
      if (facts != null) {
        facts.run(this);
      }
      return FilterResult.PASS;
    }
  }

  /** {@code StripPrefix}: removes that many leading segments, and empty ones with them. */
  record StripPrefix(int parts) implements Rewrite {
    @Override
    public String rewrite(String path) {
      StringBuilder rest = new StringBuilder(path.length());
      int segment = 0;
      int end;
      for (int start = 0; start < path.length(); start = end + 1) {
        int slash = path.indexOf('/', start);
        end = slash < 0 ? path.length() : slash;
        if (end > start && segment++ >= parts) {
          rest.append('/').append(path, start, end);
        }
      }
      return rest.isEmpty() || path.endsWith("/") ? rest.append('/').toString() : rest.toString();
    }
  }

  /**
   * {@code PrefixPath}: puts a prefix before the path.
   *
   * @param prefix starts with a slash; unreserved characters and single slashes only
   */
  record PrefixPath(String prefix) implements Rewrite {
    @Override
    public String rewrite(String path) {
      return prefix + path;
    }
  }

  /** A step with a condition or with values of the request; see {@link RequestFacts}. */
  sealed interface Rule extends Step permits ConditionalStep, ChangeStep, TerminalStep {}
}
