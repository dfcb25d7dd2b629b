package dev.understudy.proxy.affinity;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Gives each event loop a CPU of its own, as HAProxy's {@code cpu-map} and {@code cpu-policy} and
 * nginx's {@code worker_cpu_affinity} do, but only where a CPU for each is just what there is.
 * Under load the scheduler else often puts two loops on one CPU, which doubles the slowest
 * latencies. The price: a pinned loop can't move away from another process that is busy on its CPU.
 *
 * <p>It is done once. When the process gets other CPUs later (a cgroup's {@code cpuset}), the
 * kernel keeps a loop where it is, or lets it run on all of them if its own was taken away.
 *
 * <p>A thread that a pinned loop starts inherits its CPU, and {@link Runtime#availableProcessors}
 * is 1 on both, unless {@code -XX:ActiveProcessorCount} says otherwise.
 */
public final class LoopPinning {
  private static final String LEFT = "Event loops are not pinned to CPUs: ";
  private static final long PATIENCE_SECONDS = 10;

  private LoopPinning() {}

  /**
   * Pins the loops if there are as many CPUs. Waits for them and may link native code: to be called
   * neither on a loop nor while the program starts. Fails never.
   *
   * @return what was done and why, for a log line
   */
  public static String pin(Iterable<? extends EventExecutor> loops) {
    return pin(loops, new LinuxAffinity());
  }

  static String pin(Iterable<? extends EventExecutor> loops, ThreadAffinity affinity) {
    List<EventExecutor> all = new ArrayList<>();
    loops.forEach(all::add);
    try {
      BitSet allowed = affinity.get();
      return switch (Placement.of(allowed, all.size())) {
        case Placement.Unpinned left -> LEFT + left.why();
        case Placement.Pinned pinned -> {
          // Changes nothing; but it links, and what refuses it would refuse each loop.
          affinity.set(allowed);
          yield "Event loops are pinned to CPUs: " + pin(all, pinned.cpus(), affinity);
        }
      };
    } catch (CannotPinException e) {
      return LEFT + e.getMessage();
    } catch (RejectedExecutionException e) {
      return LEFT + "they are being stopped";
    }
  }

  private static String pin(
      List<EventExecutor> loops, List<Integer> cpus, ThreadAffinity affinity) {
    List<Future<String>> pinned = new ArrayList<>();
    for (int i = 0; i < loops.size(); i++) {
      int cpu = cpus.get(i);
      pinned.add(loops.get(i).submit(() -> pinHere(affinity, cpu)));
    }
    return String.join(", ", pinned.stream().map(LoopPinning::result).toList());
  }

  private static String pinHere(ThreadAffinity affinity, int cpu) {
    String name = Thread.currentThread().getName();
    BitSet only = new BitSet();
    only.set(cpu);
    try {
      affinity.set(only);
      return name + " to " + cpu;
    } catch (CannotPinException e) {
      return "%s to none (%s)".formatted(name, e.getMessage());
    }
  }

  private static String result(Future<String> pinned) {
    if (!pinned.awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      return "one perhaps, as it is busy";
    }
    return pinned.isSuccess() ? pinned.getNow() : "one to none (" + pinned.cause() + ")";
  }
}
