package dev.understudy.pool;

import java.util.OptionalInt;

/**
 * One address of the application.
 *
 * @param maxRequests limit of requests in flight to it, from this replica; empty for no limit.
 *     Excess requests wait in the hold queue (HAProxy {@code maxconn})
 */
public record Server(ServerId id, ServerAddress address, Rank rank, OptionalInt maxRequests) {}
