package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.UnitParser;
import dev.understudy.proxy.http.TimeLimits;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code Timeout}: limits of a request's time (HAProxy {@code http-request set-timeout server}).
 */
public record Timeout(TimeLimits limits) implements Step {
  /**
   * {@code Timeout=REQUEST[, ATTEMPT]}
   *
   * <p>Times in place of the pool's {@code timeouts.response}, {@code 1ms} to {@code 24h}. REQUEST
   * is for the request as a whole, from its arrival to the head of the response, with the time in
   * the hold queue and all attempts; ATTEMPT is for each attempt, up to the end of the server's
   * response. Then the client gets 504, or the response breaks off if it has begun. The long form
   * may have one of {@code request} and {@code attempt} alone; only the last such filter counts.
   *
   * <p>Example: {@code Timeout=10s, 2s when path-prefix(/api/)}
   */
  public static final FilterKind KIND = FilterKind.own("Timeout", "request", "attempt").shown();

  private static final Pattern TIME = Pattern.compile("[0-9]{1,9}(ms|s|m|h)");

  private static final Duration LONGEST = Duration.ofHours(24);

  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.arguments();
    Duration request = time("request", args.text("request"));
    Duration attempt = time("attempt", args.text("attempt"));
    if (request == null && attempt == null) {
      throw new IllegalArgumentException("request: expected a time such as 10s, found nothing");
    }
    return new Timeout(new TimeLimits(request, attempt));
  }

  private static @Nullable Duration time(String name, @Nullable String text) {
    if (text == null) {
      return null;
    }
    if (!TIME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          name + ": expected a time such as 10s, found '" + text + "'");
    }
    Duration time = UnitParser.duration(text);
    if (time.isZero() || time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name + ": expected a time from 1ms to 24h, found '" + text + "'");
    }
    return time;
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    request.limitTime(limits);
    return FilterResult.PASS;
  }
}
