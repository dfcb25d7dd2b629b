package dev.understudy.pool;

import java.time.Duration;

/**
 * Circuit breakers over live traffic: 5xx answers and time-outs count as failures.
 *
 * @param failureRate per cent of calls, 1 to 100; default 50
 * @param minimumCalls below which nothing is judged; default 20
 * @param window over which calls are counted, whole seconds; default 10 s
 * @param openFor how long a server stays unusable at first; doubled each time within ten minutes;
 *     default 10 s
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
