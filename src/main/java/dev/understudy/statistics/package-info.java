/**
 * What an operator looks at: rates, estimated quantiles, each pool's condition with its cause, the
 * last minutes and the downtime of each server.
 *
 * <p>{@link dev.understudy.statistics.Statistics} takes readings of cumulative counters; everything
 * else is a pure function of readings and snapshots.
 *
 * <p>Deliberately absent: the counters themselves ({@code telemetry}, by {@link
 * dev.understudy.traffic.RequestTotals}); JSON and streams ({@code admin}); any work for a request.
 */
@NullMarked
package dev.understudy.statistics;

import org.jspecify.annotations.NullMarked;
