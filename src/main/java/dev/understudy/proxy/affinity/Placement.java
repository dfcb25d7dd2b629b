package dev.understudy.proxy.affinity;

import java.util.BitSet;
import java.util.List;

/** What is to be done with the event loops. */
sealed interface Placement {
  /** The loop at each index gets the CPU at the same. */
  record Pinned(List<Integer> cpus) implements Placement {
    public Pinned {
      cpus = List.copyOf(cpus);
    }
  }

  /** The scheduler goes on moving them. */
  record Unpinned(String why) implements Placement {}

  /**
   * One CPU for each loop, if that leaves neither over. More CPUs than loops are a sign that others
   * use them too: replicas on a shared node would all pin their loops to the first ones, however
   * busy those are. Fewer are fought for anyway.
   *
   * @param allowed the CPUs that this process may use, numbered with gaps or without
   */
  static Placement of(BitSet allowed, int loops) {
    int cpus = allowed.cardinality();
    if (cpus != loops) {
      return new Unpinned("%d of them, but %d CPUs to run on".formatted(loops, cpus));
    }
    if (loops == 1) {
      return new Unpinned("one of them, and one CPU to run on");
    }
    return new Pinned(allowed.stream().boxed().toList());
  }
}
