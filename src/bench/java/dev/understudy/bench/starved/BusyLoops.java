package dev.understudy.bench.starved;

import dev.understudy.scenario.CpuGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Processes that take all the CPU that they get. */
final class BusyLoops implements AutoCloseable {
  private final List<Process> loops = new ArrayList<>();

  private BusyLoops() {}

  /** Starts so many in a group. */
  static BusyLoops start(int count, CpuGroup group) throws IOException {
    BusyLoops all = new BusyLoops();
    Runtime.getRuntime().addShutdownHook(new Thread(all::close));
    for (int i = 0; i < count; i++) {
      Process loop = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
      all.loops.add(loop);
      group.take(loop.pid());
    }
    return all;
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
