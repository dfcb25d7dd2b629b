package dev.understudy.bench.load;

/**
 * A histogram of latencies in a fixed amount of memory: each power of two has {@value #STEPS}
 * steps, so that a quantile is right to 1.6 %.
 */
public final class Latencies {
  private static final int STEP_BITS = 6;
  private static final int STEPS = 1 << STEP_BITS;

  private final long[] counts = new long[(Long.SIZE - STEP_BITS) * STEPS];
  private long total;

  public void record(long nanos) {
    counts[index(Math.max(0, nanos))]++;
    total++;
  }

  /** Adds those of another one. */
  public void add(Latencies other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    total += other.total;
  }

  public long count() {
    return total;
  }

  /** The value in nanoseconds, the upper end of its step; 0 if nothing was recorded. */
  public long quantile(double quantile) {
    long rank = (long) Math.ceil(quantile * total);
    long seen = 0;
    for (int i = 0; i < counts.length && total > 0; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return upperEnd(i);
      }
    }
    return 0;
  }

  /** How many were longer, right to 1.6 % of the limit. */
  public long above(long nanos) {
    long above = 0;
    for (int i = index(nanos) + 1; i < counts.length; i++) {
      above += counts[i];
    }
    return above;
  }

  private static int index(long nanos) {
    int exponent = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(nanos) - STEP_BITS - 1);
    return exponent * STEPS + (int) (nanos >>> exponent);
  }

  private static long upperEnd(int index) {
    int exponent = Math.max(0, index / STEPS - 1);
    return ((long) (index - exponent * STEPS) + 1 << exponent) - 1;
  }
}
