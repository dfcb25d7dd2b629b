package dev.understudy.bench.starved;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What a proxy lacks, and what befalls its servers.
 *
 * @param quotaPercent of one CPU; 0: as much as the others leave
 * @param loops processes that compete with the proxy for CPU
 * @param pools of a master and a backup
 * @param masters that fail: those of the first pools
 * @param backups that fail as well: those of the first pools
 */
record Scene(int quotaPercent, int loops, int pools, int masters, int backups, Fault fault) {
  /** How servers fail. */
  enum Fault {
    /** Their sockets close, their connections end, new ones are refused. */
    END("end"),
    /** They accept connections and requests, and never respond. */
    FREEZE("freeze");

    private final String verb;

    Fault(String verb) {
      this.verb = verb;
    }
  }

  private static final int BUSY_LOOPS = 40;
  private static final int MANY = 200;

  Scene {
    if (masters > pools || backups > masters) {
      throw new IllegalArgumentException("more servers fail than there are");
    }
  }

  /** Half of the masters fail under a quota. */
  static Scene quota(int percent, int pools, Fault fault) {
    return new Scene(percent, 0, pools, pools / 2, 0, fault);
  }

  /** Of 400 servers 210 end on a busy machine. */
  static Scene busy() {
    return new Scene(0, BUSY_LOOPS, MANY, MANY - 10, 20, Fault.END);
  }

  /** The name in tables. */
  String words() {
    String lack =
        quotaPercent > 0
            ? "quota of %d %%".formatted(quotaPercent)
            : "%d loops beside it".formatted(loops);
    return String.format(
        Locale.ROOT,
        "%s, %d pools: %d of %d servers %s",
        lack,
        pools,
        masters + backups,
        2 * pools,
        fault.verb);
  }

  /** The numbers of the pools whose backup has to serve. */
  List<Integer> movedPools() {
    return IntStream.range(backups, masters).boxed().toList();
  }
}
