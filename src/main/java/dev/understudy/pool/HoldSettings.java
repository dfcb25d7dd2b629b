package dev.understudy.pool;

import java.time.Duration;

/**
 * Requests that wait for a server that can serve.
 *
 * @param time for which one request may wait; 0: none waits; default 5 s
 * @param requests that may wait at once, in this replica; default 1024
 * @param bodyBytes of one request's body that may be kept, for a hold or a replay; default 64 KB.
 *     Of all together, {@link #allBodyBytes}
 */
public record HoldSettings(Duration time, int requests, int bodyBytes) {
  public static final HoldSettings DEFAULT =
      new HoldSettings(Duration.ofSeconds(5), 1024, 64 * 1024);

  public HoldSettings {
    Settings.requireNotNegative(time, "hold.time");
    Settings.requireNotNegative(requests, "hold.requests");
    Settings.requireNotNegative(bodyBytes, "hold.body");
  }

  /** How much may be kept of the bodies of all requests at once: {@code requests} times one's. */
  public long allBodyBytes() {
    return (long) Math.max(1, requests) * bodyBytes;
  }
}
