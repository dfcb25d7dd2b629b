package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Values;
import dev.understudy.pool.Setting.Whole;
import java.time.Duration;

/**
 * Settings of circuit breakers, which count 5xx responses and time-outs of live traffic as
 * failures.
 *
 * @param failureRate Percentage of failed requests in the window at which the breaker opens.
 * @param minimumCalls Requests that the window must have before the breaker may open.
 * @param window Time over which requests are counted.
 * @param openFor Time for which the server is unusable when its breaker opens for the first time.
 */
public record PassiveSettings(
    @Default("50") @Whole(min = 1, max = 100) int failureRate,
    @Default("20") @Whole(min = 1, max = 100_000) int minimumCalls,
    @Default("10s") @Span(min = "1s", max = "1h") @Values("whole seconds") Duration window,
    @Default("10s") @Span Duration openFor) {
  public static final PassiveSettings DEFAULT = SectionType.defaults(PassiveSettings.class);

  public PassiveSettings {
    RangeChecks.requireAtLeastOne(failureRate, "failure-rate");
    if (failureRate > 100) {
      throw new IllegalArgumentException(
          "failure-rate: expected at most 100, found " + failureRate);
    }
    RangeChecks.requireAtLeastOne(minimumCalls, "minimum-calls");
    RangeChecks.requireAtLeastOne(window.toSeconds(), "window");
    RangeChecks.requirePositive(openFor, "open-for");
    if (window.toNanosPart() != 0) {
      throw new Setting.Invalid("window", "whole seconds");
    }
  }
}
