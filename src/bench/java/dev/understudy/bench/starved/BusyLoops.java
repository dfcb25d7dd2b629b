package dev.understudy.bench.starved;

import dev.understudy.scenario.CpuGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Processes that take all the CPU that they get, and end at the latest with this one. */
final class BusyLoops implements AutoCloseable {
  private static final List<String> LOOP =
      List.of(
          "sh",
          "-c",
          "while kill -0 $PPID; do i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; done");

  private final List<Process> loops = new ArrayList<>();

  private BusyLoops() {}

  /** Starts so many in a group. */
  static BusyLoops start(int count, CpuGroup group) throws IOException {
    BusyLoops all = new BusyLoops();
    for (int i = 0; i < count; i++) {
      Process loop =
          new ProcessBuilder(LOOP)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      all.loops.add(loop);
      group.take(loop.pid());
    }
    return all;
  }

  /**
   * @throws IllegalStateException if one has ended
   */
  void requireAll() {
    if (!loops.stream().allMatch(Process::isAlive)) {
      throw new IllegalStateException("a busy loop has ended");
    }
  }

  @Override
  public void close() {
    loops.forEach(Process::destroyForcibly);
    try {
      for (Process loop : loops) {
        loop.waitFor();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
