package dev.understudy.pool;

import java.util.OptionalInt;

/**
 * One address of the application.
 *
 * @param maxRequests how many requests may be in flight to it at once, from this replica; empty: no
 *     limit. Excess waits in {@code hold} (HAProxy {@code maxconn})
 */
public record Server(ServerId id, ServerAddress address, Rank rank, OptionalInt maxRequests) {}
