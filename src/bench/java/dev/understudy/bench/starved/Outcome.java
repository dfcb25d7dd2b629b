package dev.understudy.bench.starved;

import java.util.List;

/**
 * The figures of one proxy in one scene.
 *
 * @param secondsOfPools from the fault until the backup of each pool served it for good; shorter
 *     than the number of pools if it did not within the time
 * @param lost requests of these pools without a response with 200
 * @param falselyLost those of pools whose master lived
 * @param descriptorsBefore at most, before the fault
 * @param descriptors at most
 * @param checksBefore that arrived each second before the fault
 * @param checks that arrived each second after it
 * @param cpuPercent of one CPU, from the fault on
 * @param afterwards what the proxy itself said in the end; empty if it says nothing
 */
record Outcome(
    String proxy,
    Scene scene,
    List<Double> secondsOfPools,
    long lost,
    long falselyLost,
    long descriptorsBefore,
    long descriptors,
    double checksBefore,
    double checks,
    double cpuPercent,
    String afterwards) {
  Outcome {
    secondsOfPools = secondsOfPools.stream().sorted().toList();
  }

  /** Pools whose backup had to serve. */
  int moved() {
    return scene.movedPools().size();
  }

  /** Until all were served; NaN: not within the time. */
  double seconds() {
    return secondsOfPools.size() == moved() ? secondsOfPools.getLast() : Double.NaN;
  }

  /** Until half of them were; NaN: not within the time. */
  double halfSeconds() {
    int half = (moved() + 1) / 2;
    return secondsOfPools.size() >= half ? secondsOfPools.get(half - 1) : Double.NaN;
  }
}
