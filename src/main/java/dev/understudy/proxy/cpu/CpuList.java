package dev.understudy.proxy.cpu;

import java.util.BitSet;

/** Parses Linux's text form of a set of CPUs, such as {@code 0-3,7}. */
final class CpuList {
  /** The most CPUs for which a kernel is built. */
  static final int MAX_CPUS = 8192;

  private CpuList() {}

  /**
   * Parses a list.
   *
   * @throws IllegalArgumentException if the text is not such a list
   */
  static BitSet parse(String list) {
    BitSet cpus = new BitSet();
    for (String range : list.strip().split(",", -1)) {
      String[] ends = range.split("-", 2);
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[ends.length - 1]);
      if (first < 0 || last < first || last >= MAX_CPUS) {
        throw new IllegalArgumentException("no list of CPUs: " + list);
      }
      cpus.set(first, last + 1);
    }
    return cpus;
  }
}
