package dev.understudy.pool;

import java.util.Set;

/**
 * Which requests may be replayed after a connection broke.
 *
 * @param attempts number of sends in all, of which those to a server that then fails count as one;
 *     at least 1; default 2
 * @param methods methods that may be replayed, the idempotent ones (RFC 9110 §9.2.2);
 *     case-sensitive
 * @param idempotencyKey whether a request with an {@code Idempotency-Key} header may be replayed
 *     whatever its method; default false
 */
public record RetrySettings(int attempts, Set<String> methods, boolean idempotencyKey) {
  public static final RetrySettings DEFAULT =
      new RetrySettings(2, Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"), false);

  public RetrySettings {
    Settings.requireAtLeastOne(attempts, "attempts");
    methods = Set.copyOf(methods);
  }
}
