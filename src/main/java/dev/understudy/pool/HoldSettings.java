package dev.understudy.pool;

import java.time.Duration;

/**
 * Limits of the hold queue: requests that wait for a server that can serve.
 *
 * @param time time for which one request may wait; 0 if none may; default 5 s
 * @param requests requests that may wait at once, in this replica; default 1024
 * @param bodyBytes bytes of one request's body that may be kept, for a hold or a replay; default 64
 *     KB. {@link #allBodyBytes} limits all together
 */
public record HoldSettings(Duration time, int requests, int bodyBytes) {
  public static final HoldSettings DEFAULT =
      new HoldSettings(Duration.ofSeconds(5), 1024, 64 * 1024);

  public HoldSettings {
    Settings.requireNotNegative(time, "hold.time");
    Settings.requireNotNegative(requests, "hold.requests");
    Settings.requireNotNegative(bodyBytes, "hold.body");
  }

  /** Bytes kept for all requests: {@code bodyBytes} times {@code requests}, 1 at least. */
  public long allBodyBytes() {
    return (long) Math.max(1, requests) * bodyBytes;
  }
}
