package dev.understudy.proxy.http;

import dev.understudy.pool.TimeoutSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Limits of the time of one request, in place of its pool's limit for responses.
 *
 * @param request from its arrival to the head of its response, waiting and all attempts included;
 *     null for none
 * @param attempt from its beginning at a server to the end of that server's response; null for none
 */
public record TimeLimits(@Nullable Duration request, @Nullable Duration attempt) {
  /** Those of the pool alone. */
  public static final TimeLimits NONE = new TimeLimits(null, null);

  /** The time-outs of an attempt at a server of a pool with these. */
  public TimeoutSettings of(TimeoutSettings pool) {
    Duration response = attempt == null ? request : attempt;
    return response == null
        ? pool
        : new TimeoutSettings(
            pool.connect(), response, pool.idle(), pool.tunnel(), pool.keepAlive());
  }

  /** Whether a request has waited too long for the head of its response. */
  public boolean isRequestOver(long nanos) {
    return request != null && nanos >= request.toNanos();
  }

  /** Whether an attempt has lasted too long. */
  public boolean isAttemptOver(long nanos) {
    return attempt != null && nanos >= attempt.toNanos();
  }
}
