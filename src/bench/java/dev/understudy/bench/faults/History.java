package dev.understudy.bench.faults;

import dev.understudy.bench.faults.Stalls.Stall;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What happened in a run, as those outside of Understudy saw it.
 *
 * @param begin of the run, by the clock of all processes of the machine
 * @param end of the schedule, before the last faults were mended
 * @param calls of the clients
 * @param hits in the register's order
 * @param hooks calls of hooks, in the order in which they were written down
 * @param windows faults as they were carried out
 * @param stalls of the test itself
 * @param holds whether a replica that is out of touch holds its clients
 */
record History(
    long begin,
    long end,
    List<Call> calls,
    List<Hit> hits,
    List<HookEntry> hooks,
    List<Window> windows,
    List<Stall> stalls,
    boolean holds) {
  History {
    calls = List.copyOf(calls);
    hits = List.copyOf(hits);
    hooks = List.copyOf(hooks);
    windows = List.copyOf(windows);
    stalls = List.copyOf(stalls);
  }

  /** Hits with an epoch, in the order in which servers took them up. */
  List<Hit> inTime() {
    return hits.stream()
        .filter(Hit::hasEpoch)
        .sorted(Comparator.comparingLong(Hit::nanos))
        .toList();
  }

  String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f s", (nanos - begin) / 1e9);
  }
}
