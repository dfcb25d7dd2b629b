package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.proxy.http.RetryAllowance;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code RetryBudget}: bounds the share of requests that are sent again, so that retries do not
 * keep an overloaded server down (Envoy {@code retry_budget}; the count is that of gRPC's {@code
 * retryThrottling}, gRFC A6, which needs no clock).
 */
public record RetryBudget(Balance balance) implements Step {
  /**
   * {@code RetryBudget=PERCENT[, RESERVE]}
   *
   * <p>Bounds how many requests are [sent again](failover.md#retry): each request that passes adds
   * PERCENT (1 to 100) of a retry to the filter's balance, which begins with RESERVE (1 to 1000000;
   * 10 unless given) and never exceeds it; each retry takes one. A request for which none is left
   * gets 502, as if its method were not one of {@code retry.methods}. RESERVE should be at least as
   * many requests as may be in flight when a server fails. Each replica counts for itself.
   */
  public static final FilterKind KIND = FilterKind.own("RetryBudget", "percent", "reserve").shown();

  private static final int MOST_RESERVED = 1_000_000;

  /**
   * What the balance depends on; filters of a route that are equal share it, also after reloads.
   */
  private record Settings(int percent, int reserve) {}

  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.arguments();
    Settings settings =
        new Settings(
            inRange("percent", args.requiredNumber("percent"), 100),
            inRange("reserve", args.number("reserve", 10), MOST_RESERVED));
    return new RetryBudget(
        source
            .guards()
            .guard(
                source.route(),
                settings,
                () -> new Balance(settings.percent(), settings.reserve())));
  }

  private static int inRange(String name, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(
          name + ": expected a number from 1 to " + most + ", found " + value);
    }
    return value;
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    balance.earn();
    request.limitRetries(balance);
    return FilterResult.PASS;
  }

  /** The retries that are left, in hundredths. */
  static final class Balance implements RetryAllowance {
    private static final int ONE = 100;

    private final int percent;
    private final long most;
    private final AtomicLong left;

    Balance(int percent, int reserve) {
      this.percent = percent;
      this.most = (long) reserve * ONE;
      this.left = new AtomicLong(most);
    }

    /** Adds one request's share; a full balance, the usual one, is only read. */
    void earn() {
      if (left.get() < most) {
        add(percent);
      }
    }

    private void add(int hundredths) {
      var unused = left.accumulateAndGet(hundredths, (now, more) -> Math.min(most, now + more));
    }

    @Override
    public boolean isLeft() {
      return left.get() >= ONE;
    }

    @Override
    public boolean take() {
      return left.getAndUpdate(now -> now < ONE ? now : now - ONE) >= ONE;
    }

    @Override
    public void giveBack() {
      add(ONE);
    }
  }
}
