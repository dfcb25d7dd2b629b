package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;

/**
 * {@code RedirectToHost}: ends the request with a redirect to the same target at another origin,
 * unless it is for that origin already (HAProxy {@code redirect prefix}).
 *
 * @param status 301, 302, 303, 307 or 308
 */
public record RedirectToHost(int status, Origin to) implements Step {
  /**
   * {@code RedirectToHost=STATUS, URL}
   *
   * <p>Redirects to the same path and query at that scheme, host and port. The Gateway's {@code
   * RedirectTo} drops path and query. A request that has that scheme, host and port already passes.
   * Status 301, 302, 303, 307 or 308.
   *
   * <p>Example: {@code RedirectToHost=301, https://www.example.com}
   */
  public static final FilterKind KIND =
      FilterKind.own("RedirectToHost", "status", "url").with(Trait.GUARD, Trait.FIRST).shown();

  public RedirectToHost {
    ResponseStatus.requireRedirect(status);
  }

  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.arguments();
    return new RedirectToHost(
        ResponseStatus.requireRedirect(args.number("status")), Origin.of(args.text("url")));
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    if (to.isOf(request.hostText(), request.tls())) {
      return FilterResult.PASS;
    }
    String target = request.target();
    // "OPTIONS *" has no path.
    return new FilterResult.Redirected(status, to.text() + (target.startsWith("/") ? target : "/"));
  }
}
