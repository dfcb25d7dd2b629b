package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Entries;
import dev.understudy.pool.Setting.Whole;
import java.util.Set;

/**
 * Which requests may be replayed after a connection broke.
 *
 * @param attempts How often a request is sent at most, the first time included. Several sends to a
 *     server that then fails count as one.
 * @param methods Methods that are idempotent, in capitals.
 * @param idempotencyKey Whether a request with an {@code Idempotency-Key} field may be replayed
 *     whatever its method.
 */
public record RetrySettings(
    @Default("2") @Whole(min = 1, max = 10) int attempts,
    @Default({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
        @Entries(max = 32, items = TextFormat.METHOD)
        Set<String> methods,
    @Default("false") boolean idempotencyKey) {
  public static final RetrySettings DEFAULT = SectionType.defaults(RetrySettings.class);

  public RetrySettings {
    RangeChecks.requireAtLeastOne(attempts, "attempts");
    methods = Set.copyOf(methods);
  }
}
