package dev.understudy.pool;

import java.time.Duration;

/**
 * Requests to a returned server before it gets the role back, one after another.
 *
 * @param path origin-form target, query included; default {@code /}
 * @param requests number of responses after which it is warm; at least 1, default 50
 * @param time after which it counts as warm whatever came; default 10 s
 */
public record WarmUp(String path, int requests, Duration time) {
  public static final WarmUp DEFAULT = new WarmUp("/", 50, Duration.ofSeconds(10));

  public WarmUp {
    Settings.requireAtLeastOne(requests, "requests");
    Settings.requirePositive(time, "time");
  }
}
