package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Key;
import dev.understudy.pool.Setting.Size;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Whole;
import java.time.Duration;

/**
 * Limits of the hold queue: requests that wait for a server that can serve.
 *
 * @param time Time that one request may wait. {@code 0}: no request waits.
 * @param requests Requests that may wait at once in one replica. Further ones get 503: the newest
 *     of the client, an IPv4 address or the /56 of an IPv6 address, that has the most.
 * @param bodyBytes Most bytes of one request's body that are kept for the wait and for a replay.
 *     All bodies together may take {@code requests} times as much. A request with a larger body is
 *     not replayed, and the rest of its body is not read while it waits.
 */
public record HoldSettings(
    @Default("5s") @Span(min = "0s", max = "1h") Duration time,
    @Default("1024") @Whole(min = 0, max = 1_000_000) int requests,
    @Key("body") @Default("64KB") @Size(max = "64MB") int bodyBytes) {
  public static final HoldSettings DEFAULT = SectionType.defaults(HoldSettings.class);

  public HoldSettings {
    RangeChecks.requireNotNegative(time, "hold.time");
    RangeChecks.requireNotNegative(requests, "hold.requests");
    RangeChecks.requireNotNegative(bodyBytes, "hold.body");
  }

  /** Bytes kept for all requests: {@code bodyBytes} times {@code requests}, 1 at least. */
  public long allBodyBytes() {
    return (long) Math.max(1, requests) * bodyBytes;
  }
}
