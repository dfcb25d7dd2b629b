package dev.understudy.proxy.filter;

import dev.understudy.condition.Escape;
import dev.understudy.condition.Facts;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import org.jspecify.annotations.Nullable;

/**
 * {@code Redirect}: a redirect to a location with values of the request (HAProxy {@code
 * http-request redirect}).
 *
 * @param status 301, 302, 303, 307 or 308
 */
public record Redirect(int status, Template location) implements Step.Rule {
  /**
   * {@code Redirect=STATUS, LOCATION}
   *
   * <p>Redirects to a location with [values](conditions.md#values): {@code
   * https://www.example.com{target}} keeps path and query. Status 301, 302, 303, 307 or 308. A
   * location whose text names no origin is a path of the same host; in an origin {@code {host}} or
   * {@code {host-name}} may stand, after labels and before a port.
   *
   * <p>Example: {@code Redirect=301, https://www.example.com{target} when host(example.com)}
   */
  public static final FilterKind KIND =
      FilterKind.own("Redirect", "status", "location")
          .with(Trait.ENDING, Trait.GUARD, Trait.FIRST)
          .firstShown();

  public Redirect {
    ResponseStatus.requireRedirect(status);
  }

  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.arguments();
    return new Redirect(args.requiredNumber("status"), source.template(args.required("location")));
  }

  /**
   * The location for a request. Unless its written text names an origin, it is a path of this host:
   * {@code //evil.test/} would lead browsers to wherever the client chose. A location that begins
   * with a value is the client's as a whole, and so is the request's own target at another origin.
   *
   * @return null if values lead it elsewhere than it is written; the request is then to be refused
   *     with 400
   */
  @Nullable String location(Facts facts) {
    String location =
        location().beginsWithValue() || location().isOwnTargetElsewhere()
            ? location().render(facts, Escape.HEADER)
            : location().renderPath(facts, Escape.HEADER);
    if (location == null || location().namesOrigin() || location().isRelative()) {
      return location;
    }
    int path = 0;
    while (path < location.length() && "/\\ ".indexOf(location.charAt(path)) >= 0) {
      path++;
    }
    return path == 1 && location.charAt(0) == '/' ? location : "/" + location.substring(path);
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    String location = location(request.facts());
    return location == null ? request.refuseBad() : new FilterResult.Redirected(status, location);
  }
}
