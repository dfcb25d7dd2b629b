package dev.understudy.bench.faults;

/**
 * The application's rule: a request with a lower epoch than one before it is refused; one without
 * an epoch is served.
 */
final class Fence {
  private long highest = Hit.NO_EPOCH;

  /** Whether the next request, in the register's order, is accepted. */
  boolean accepts(Hit hit) {
    if (!hit.hasEpoch()) {
      return true;
    }
    boolean accepted = hit.epoch() >= highest;
    highest = Math.max(highest, hit.epoch());
    return accepted;
  }
}
