package dev.understudy.pool;

import java.time.Duration;

/**
 * Settings of circuit breakers, which count 5xx responses and time-outs of live traffic as
 * failures.
 *
 * @param failureRate per cent of calls at which the breaker opens, 1 to 100; default 50
 * @param minimumCalls number of calls below which the breaker stays closed; default 20
 * @param window time over which calls are counted, whole seconds; default 10 s
 * @param openFor time for which a server stays unusable at first, doubled each time the breaker
 *     opens again within ten minutes; default 10 s
 */
public record PassiveSettings(
    int failureRate, int minimumCalls, Duration window, Duration openFor) {
  public static final PassiveSettings DEFAULT =
      new PassiveSettings(50, 20, Duration.ofSeconds(10), Duration.ofSeconds(10));

  public PassiveSettings {
    Settings.requireAtLeastOne(failureRate, "failure-rate");
    if (failureRate > 100) {
      throw new IllegalArgumentException(
          "failure-rate: expected at most 100, found " + failureRate);
    }
    Settings.requireAtLeastOne(minimumCalls, "minimum-calls");
    Settings.requireAtLeastOne(window.toSeconds(), "window");
    Settings.requirePositive(openFor, "open-for");
  }
}
