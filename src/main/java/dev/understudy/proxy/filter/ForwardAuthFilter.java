package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.forwardauth.AuthQuestion;
import dev.understudy.proxy.forwardauth.AuthVerdict;
import dev.understudy.proxy.forwardauth.ForwardAuth;
import dev.understudy.proxy.forwardauth.ForwardAuthSettings;
import dev.understudy.traffic.Limit;
import java.util.List;
import java.util.Set;

/**
 * {@code ForwardAuth}: lets pass what an authenticator admits (HAProxy {@code http-request
 * lua.auth-request}); its other responses go to the client.
 */
public record ForwardAuthFilter(ForwardAuth guard) implements Step {
  /**
   * {@code ForwardAuth=URL[, NAME, NAME]}
   *
   * <p>Asks an authenticator ({@code pool://POOL/PATH}) first: after a 2xx, the request goes on
   * with the named fields of that response; any other response goes to the client; see
   * [Authenticators](filters.md#authenticators).
   *
   * <p>Example: {@code ForwardAuth=pool://authelia/api/authz/forward-auth, Remote-User}
   */
  public static final FilterKind KIND =
      FilterKind.own(
              "ForwardAuth",
              "url",
              "response-headers",
              "request-headers",
              "timeout",
              "on-failure",
              "concurrent",
              "cache",
              "cache-key")
          .with(Trait.ASKS_POOL, Trait.GUARD, Trait.FIRST)
          .shown()
          .split(2);

  static Step compile(FilterSource source) throws NotCompilableException {
    ForwardAuthSettings settings = ForwardAuthSettings.of(source.arguments()::text);
    String route = source.route();
    return new ForwardAuthFilter(
        source.guards().guard(route, settings, () -> new ForwardAuth(route, settings)));
  }

  /** Adds the names of the fields that the filter reads and sets, if it is valid. */
  public static void addFields(RoutePart filter, Set<String> names) {
    try {
      ForwardAuthSettings settings =
          ForwardAuthSettings.of(new FilterArguments(filter, KIND, true)::text);
      names.addAll(settings.responseHeaders());
      names.addAll(settings.requestHeaders());
      settings.cacheHeaders().forEach(names::add);
    } catch (IllegalArgumentException | NotCompilableException e) {
      // Another check of the file says so.
    }
  }

  /** Subrequests belong to the event loop of their request. */
  @Override
  public boolean needsLoop() {
    return true;
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    String id = request.id();
    // The server gets it too.
    request.edit(fields -> fields.set("x-request-id", id));
    AuthQuestion question =
        new AuthQuestion(
            request.method().name(),
            request.host(),
            request.target(),
            request.tls(),
            request.client(),
            request.clientAddress(),
            id,
            request::everyForm);
    return FilterResult.after(
        guard.check(question, request.proxy().engine(), request.loop()),
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
          request.proxy().listener().limited(Limit.FORWARD_AUTH);
        }
        yield request.refuse(503, busy ? 1 : 0);
      }
    };
  }

  /**
   * Changes a request that passes: with the authenticator's fields and none of these names that the
   * client made up.
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

  @Override
  public List<String> ownFields() {
    return guard.settings().responseHeaders();
  }
}
