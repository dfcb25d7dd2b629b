package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.guard.RateLimiter;
import dev.understudy.traffic.Limit;
import org.jspecify.annotations.Nullable;

/**
 * {@code RateLimit}: ends requests beyond a rate with an error response (HAProxy {@code track-sc0}
 * and {@code deny if { sc_http_req_rate(0) gt N }}).
 *
 * @param status 400 to 599
 */
public record RateLimit(RateLimiter limiter, int status) implements Step {
  /**
   * {@code RateLimit=REQUESTS/PERIOD, KEY}
   *
   * <p>429 with {@code Retry-After} for requests beyond that rate; see [Rate
   * limits](filters.md#rate-limits).
   *
   * <p>Example: {@code RateLimit=100/10s, client-address}
   */
  public static final FilterKind KIND =
      FilterKind.own("RateLimit", "rate", "key", "entries", "status", "table", "requests", "period")
          .with(Trait.GUARD, Trait.FIRST)
          .shown();

  public RateLimit {
    ResponseStatus.require(status, 400);
  }

  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.arguments();
    return new RateLimit(
        source.guards().rate(source.route(), args::text), status(args.text("status")));
  }

  private static int status(@Nullable String text) {
    try {
      return text == null ? 429 : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("status: expected a number, found '" + text + "'", e);
    }
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    long wait = limiter.count(request.client(), request.proxy().trusted(), request::anyForm);
    if (wait == 0) {
      return FilterResult.PASS;
    }
    request.proxy().listener().limited(Limit.REQUEST_RATE);
    return request.refuse(status, wait);
  }
}
