package dev.understudy.statistics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests per second, over the time that {@link CountWindow} covers.
 *
 * @param requests requests that ended, per second
 * @param errors of those, the ones with 5xx or a response that was broken off
 * @param responses per second by class: without a response, 1xx to 5xx
 * @param p50Millis the estimated median of the durations from head to end, WebSockets and responses
 *     that the client left aside; null without requests
 * @param p99Millis the estimated 99th percentile of the same
 * @param bytesIn bytes of bodies from clients per second, counted when their requests end
 * @param bytesOut bytes of bodies to clients per second, counted when their requests end
 */
public record Rates(
    double requests,
    double errors,
    List<Double> responses,
    @Nullable Double p50Millis,
    @Nullable Double p99Millis,
    long bytesIn,
    long bytesOut) {
  /** The rates while nothing happens. */
  public static final Rates NONE =
      new Rates(0, 0, List.of(0.0, 0.0, 0.0, 0.0, 0.0, 0.0), null, null, 0, 0);

  public Rates {
    responses = List.copyOf(responses);
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
    Double[] responses = new Double[Counts.CLASSES];
    for (int i = 0; i < responses.length; i++) {
      responses[i] = perSecond(increase.responses(i), seconds);
    }
    return new Rates(
        perSecond(increase.requests(), seconds),
        perSecond(increase.errors(), seconds),
        List.of(responses),
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
