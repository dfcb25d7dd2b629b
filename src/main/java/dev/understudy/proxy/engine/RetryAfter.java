package dev.understudy.proxy.engine;

import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.snapshot.PoolState;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The time after which a client that a pool could not serve may come again; pure. */
final class RetryAfter {
  private static final long LONGEST_SECONDS = Duration.ofHours(1).toSeconds();

  private RetryAfter() {}

  /**
   * Returns the time until the end of the maintenance that excludes the client, at most an hour;
   * else the shortest time in which a DOWN server can be UP again. In whole seconds; at least 1.
   *
   * @param state null if the pool does not exist
   * @param excluded whether the pool is in maintenance, and does not serve the client all the same
   * @param now by the wall clock
   */
  static long seconds(@Nullable PoolState state, boolean excluded, Instant now) {
    if (state == null) {
      return 1;
    }
    PoolMaintenance maintenance = excluded ? state.maintenance() : null;
    Instant end = maintenance == null ? null : maintenance.until();
    HealthSettings health = state.pool().health();
    Duration soonest =
        end == null
            ? Duration.ofNanos(health.downInterval().toNanos() * health.rise())
            : Duration.between(now, end);
    return Math.clamp(soonest.plusMillis(999).toSeconds(), 1, LONGEST_SECONDS);
  }
}
