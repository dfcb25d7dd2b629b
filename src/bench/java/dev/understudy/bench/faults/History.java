package dev.understudy.bench.faults;

import java.util.List;
import java.util.Locale;

/**
 * What happened in a run, as those outside of Understudy saw it.
 *
 * @param begin of the run, by the clock of all processes of the machine
 * @param end of the schedule, before the last faults were mended
 * @param calls of the clients
 * @param hits in the register's order
 * @param windows faults as they were carried out
 */
record History(long begin, long end, List<Call> calls, List<Hit> hits, List<Window> windows) {
  History {
    calls = List.copyOf(calls);
    hits = List.copyOf(hits);
    windows = List.copyOf(windows);
  }

  String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f s", (nanos - begin) / 1e9);
  }
}
