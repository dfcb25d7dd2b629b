package dev.understudy.bench.faults;

import dev.understudy.bench.faults.Schedule.Fault;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a failing schedule shorter: leaves out halves, then quarters and so on down to single
 * faults, and the time between those that are left, and keeps what still fails. A run that happens
 * to pass keeps more than is needed, never less.
 */
final class Reduction {
  /** Runs a schedule. */
  @FunctionalInterface
  interface Trial {
    boolean fails(Schedule schedule) throws Exception;
  }

  private Reduction() {}

  /** The shortest that was found to fail within that many trials. */
  static Schedule reduce(Schedule failing, int trials, Trial trial) throws Exception {
    List<Fault> kept = failing.faults();
    int left = trials;
    int size = (kept.size() + 1) / 2;
    while (size > 0 && kept.size() > 1) {
      int from = 0;
      while (from < kept.size() && kept.size() > 1) {
        if (left-- == 0) {
          return new Schedule(kept);
        }
        List<Fault> rest = new ArrayList<>(kept);
        rest.subList(from, Math.min(from + size, kept.size())).clear();
        Schedule fewer = new Schedule(rest).closer();
        if (!rest.isEmpty() && trial.fails(fewer)) {
          kept = fewer.faults();
        } else {
          from += size;
        }
      }
      size = size == 1 ? 0 : (Math.min(size, kept.size()) + 1) / 2;
    }
    return new Schedule(kept);
  }
}
