package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.guard.Authenticator;
import dev.understudy.traffic.Limit;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * {@code BasicAuth}: lets only users with their passwords pass (RFC 7617; HAProxy {@code
 * http-request auth unless { http_auth(USERS) }}); ends others' requests with 401.
 */
public record BasicAuth(Authenticator authenticator) implements Step {
  /**
   * {@code BasicAuth=FILE[, REALM]}
   *
   * <p>401 unless the request has the name and the password of a user of that file; see [Users and
   * passwords](filters.md#users-and-passwords).
   *
   * <p>Example: {@code BasicAuth=/etc/understudy/users, Staff only}
   */
  public static final FilterKind KIND =
      FilterKind.own("BasicAuth", "file", "realm", "groups", "forward")
          .with(Trait.USERS, Trait.GUARD, Trait.FIRST)
          .shown();

  /** The field with the user's name, which a client cannot set. */
  private static final String FORWARDED_USER = "x-forwarded-user";

  static Step compile(FilterSource source) throws NotCompilableException {
    return new BasicAuth(source.guards().authenticator(source.arguments()::text));
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
          request.proxy().listener().limited(Limit.PASSWORD_CHECKS);
          yield request.refuse(503, 1);
        }
        yield request.respond(
            request.error(401, 0).with("www-authenticate", authenticator.challenge()));
      }
    };
  }

  /**
   * Changes a request that passes: as configured without its credentials and with the user's name,
   * whose characters stand for bytes; without a name that the client made up.
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

  @Override
  public List<String> ownFields() {
    return List.of(FORWARDED_USER);
  }
}
