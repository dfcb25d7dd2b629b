package dev.understudy.proxy.cpu;

import java.util.BitSet;
import java.util.List;

/** The decision on which CPUs the event loops run. */
sealed interface Placement {
  /** Each event loop gets the CPU at the same index. */
  record Pinned(List<Integer> cpus) implements Placement {
    public Pinned {
      cpus = List.copyOf(cpus);
    }
  }

  /** The scheduler moves the event loops, for the given reason. */
  record Unpinned(String why) implements Placement {}

  /**
   * Assigns one CPU to each event loop if the numbers are equal and above 1. More CPUs than event
   * loops suggest that other processes use them too: replicas on a shared node would all pin to the
   * first ones, however busy those are. With fewer CPUs the event loops compete in any case.
   *
   * @param allowed the CPUs that this process may use; their numbers may have gaps
   */
  static Placement of(BitSet allowed, int loops) {
    int cpus = allowed.cardinality();
    if (cpus != loops) {
      return new Unpinned(
          "their number (%d) differs from that of the allowed CPUs (%d)".formatted(loops, cpus));
    }
    if (loops == 1) {
      return new Unpinned("there is only one event loop");
    }
    return new Pinned(allowed.stream().boxed().toList());
  }
}
