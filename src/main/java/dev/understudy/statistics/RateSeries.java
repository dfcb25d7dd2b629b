package dev.understudy.statistics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rates over the last minutes, one value for each step of {@link RateHistory#STEP}, oldest first.
 *
 * @param requestsPerSecond requests that ended, per second
 * @param errorsPerSecond of those, the ones with 5xx or a response that was broken off
 * @param p99Millis the estimated 99th percentile of their durations; null in a step without
 *     requests
 */
public record RateSeries(
    List<Double> requestsPerSecond,
    List<Double> errorsPerSecond,
    List<@Nullable Double> p99Millis) {}
