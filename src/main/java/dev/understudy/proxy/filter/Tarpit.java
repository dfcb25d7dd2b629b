package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code Tarpit}: keeps the request for some time, then refuses it (HAProxy {@code http-request
 * tarpit}).
 *
 * @param status 400 to 599
 * @param time more than nothing, at most {@link #LONGEST}
 */
public record Tarpit(int status, Duration time) implements Step.Rule {
  /**
   * {@code Tarpit=STATUS, TIME}
   *
   * <p>Ends every request with that status, 400 to 599, after that time, at most {@code 5m}.
   */
  public static final FilterKind KIND =
      FilterKind.own("Tarpit", "status", "time")
          .with(Trait.ENDING, Trait.GUARD, Trait.FIRST)
          .shown();

  /** The longest time. */
  public static final Duration LONGEST = Duration.ofMinutes(5);

  private static final Pattern TIME = Pattern.compile("([0-9]{1,6})(ms|s|m)");

  public Tarpit {
    ResponseStatus.require(status, 400);
    if (time.isZero() || time.isNegative() || time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("time: expected more than 0 to 5m, found " + time);
    }
  }

  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.arguments();
    return new Tarpit(args.number("status", 500), time(args.required("time")));
  }

  private static Duration time(String value) {
    Matcher matcher = TIME.matcher(value);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "time: expected a time such as 10s, found '" + value + "'");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      default -> Duration.ofMinutes(number);
    };
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    return new FilterResult.Delayed(status, time);
  }
}
