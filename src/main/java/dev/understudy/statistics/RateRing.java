package dev.understudy.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last rates of one pool, or of all: a ring of three numbers a step, 1.1 KB in all. */
final class RateRing {
  private final float[] requests = new float[RateHistory.STEPS];
  private final float[] errors = new float[RateHistory.STEPS];
  private final float[] p99Millis = new float[RateHistory.STEPS];

  RateRing() {
    Arrays.fill(p99Millis, Float.NaN);
  }

  void put(long step, Rates rates) {
    int at = index(step);
    requests[at] = (float) rates.requests();
    errors[at] = (float) rates.errors();
    p99Millis[at] = rates.p99Millis() == null ? Float.NaN : rates.p99Millis().floatValue();
  }

  /** The requests per second of so many steps before {@code end}, oldest first. */
  List<Double> requests(long end, int steps) {
    List<Double> values = new ArrayList<>(steps);
    for (long step = end - steps; step < end; step++) {
      values.add(rounded(requests[index(step)]));
    }
    return values;
  }

  /** All numbers of so many steps before {@code end}. */
  RateSeries series(long end, int steps) {
    List<Double> failed = new ArrayList<>(steps);
    List<@Nullable Double> slowest = new ArrayList<>(steps);
    for (long step = end - steps; step < end; step++) {
      failed.add(rounded(errors[index(step)]));
      float p99 = p99Millis[index(step)];
      slowest.add(Float.isNaN(p99) ? null : (Double) rounded(p99));
    }
    return new RateSeries(requests(end, steps), failed, slowest);
  }

  private static int index(long step) {
    return (int) Math.floorMod(step, (long) RateHistory.STEPS);
  }

  private static double rounded(float value) {
    return Math.round(value * 100.0) / 100.0;
  }
}
