package dev.understudy.bench.report;

import java.util.Locale;
import java.util.stream.DoubleStream;

/** One figure in all rounds: the noise. */
public record Spread(double min, double median, double max) {
  /** The statistics of no values: all NaN. */
  public static Spread of(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int count = sorted.length;
    if (count == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN);
    }
    double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    return new Spread(sorted[0], median, sorted[count - 1]);
  }

  /** Such as {@code 1.05 (0.98-1.20)}. */
  public String text(int decimals) {
    if (Double.isNaN(median)) {
      return number(median, decimals);
    }
    return "%s (%s-%s)"
        .formatted(number(median, decimals), number(min, decimals), number(max, decimals));
  }

  /** A number, or a dash if there is none. */
  public static String number(double value, int decimals) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%,." + decimals + "f", value) : "-";
  }
}
