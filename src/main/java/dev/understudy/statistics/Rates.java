package dev.understudy.statistics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Requests per second, over the time that {@link CountWindow} covers.
 *
 * @param requests requests that ended, per second
 * @param errors of those, the ones with 5xx or a response that was broken off
 * @param responses per second by class: 1xx to 5xx, and none
 * @param p50Millis the estimated median of the durations from head to end, WebSockets and responses
 *     that the client left aside; null without requests
 * @param p99Millis the estimated 99th percentile of the same
 * @param bytesIn bytes of bodies from clients per second, counted when their requests end
 * @param bytesOut bytes of bodies to clients per second, counted when their requests end
 */
public record Rates(
    double requests,
    double errors,
    Map<String, Double> responses,
    @Nullable Double p50Millis,
    @Nullable Double p99Millis,
    long bytesIn,
    long bytesOut) {
  /** The rates while nothing happens. */
  public static final Rates NONE = new Rates(0, 0, responses(statusClass -> 0.0), null, null, 0, 0);

  public Rates {
    responses = Collections.unmodifiableMap(responses);
  }

  private static Map<String, Double> responses(IntToDoubleFunction rate) {
    Map<String, Double> responses = new LinkedHashMap<>();
    for (int statusClass = 1; statusClass < Counts.CLASSES; statusClass++) {
      responses.put(statusClass + "xx", rate.applyAsDouble(statusClass));
    }
    responses.put("none", rate.applyAsDouble(0));
    return responses;
  }

  /**
   * Makes rates of an increase.
   *
   * @param seconds the time in which it happened; without any there are no rates
   */
  static Rates of(Counts increase, double seconds, long[] boundsNanos) {
    if (seconds <= 0
        || (increase.requests() == 0 && increase.bytesIn() + increase.bytesOut() == 0)) {
      return NONE;
    }
    long[] durations = increase.durations();
    return new Rates(
        perSecond(increase.requests(), seconds),
        perSecond(increase.errors(), seconds),
        responses(statusClass -> perSecond(increase.responses(statusClass), seconds)),
        Quantiles.millis(0.5, durations, boundsNanos),
        Quantiles.millis(0.99, durations, boundsNanos),
        Math.round(increase.bytesIn() / seconds),
        Math.round(increase.bytesOut() / seconds));
  }

  /** The rate with two decimals. */
  static double perSecond(long count, double seconds) {
    return seconds <= 0 ? 0 : Math.round(count / seconds * 100) / 100.0;
  }
}
