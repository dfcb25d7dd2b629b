package dev.understudy.statistics;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import org.jspecify.annotations.Nullable;

/**
 * What requests are counted by.
 *
 * @param pool null for requests without a pool, which have no server either
 * @param server null for requests of the pool that were sent to no server
 */
record CountKey(@Nullable PoolId pool, @Nullable ServerId server) {}
