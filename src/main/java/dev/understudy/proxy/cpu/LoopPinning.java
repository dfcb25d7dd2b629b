package dev.understudy.proxy.cpu;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Pins each event loop to a CPU of its own, as HAProxy's {@code cpu-map} and {@code cpu-policy} and
 * nginx's {@code worker_cpu_affinity} do, but only if there are exactly as many CPUs as event
 * loops. Otherwise the scheduler often puts two event loops on one CPU under load, which doubles
 * the slowest latencies. In return, a pinned event loop cannot move away from another process that
 * is busy on its CPU.
 *
 * <p>Pins once. If the process gets other CPUs later (a cgroup's {@code cpuset}), the kernel keeps
 * an event loop on its CPU, or lets it run on all of them if its own was removed.
 *
 * <p>A thread that a pinned event loop starts inherits its CPU, and {@link
 * Runtime#availableProcessors} is 1 on both, unless {@code -XX:ActiveProcessorCount} sets another
 * number.
 */
public final class LoopPinning {
  private static final String LEFT = "Event loops are not pinned to CPUs: ";
  private static final long TIMEOUT_SECONDS = 10;

  private LoopPinning() {}

  /**
   * Pins the event loops if there are as many CPUs. Waits for the event loops and may link native
   * code: call neither on an event loop nor during start-up. Never fails.
   *
   * @return the result and its reason, for a log line
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
          // Changes nothing, but links the call and reveals a refusal that would hit each event
          // loop.
          affinity.set(allowed);
          yield "Event loops are pinned to CPUs: " + pin(all, pinned.cpus(), affinity);
        }
      };
    } catch (CpuPinningException e) {
      return LEFT + e.getMessage();
    } catch (RejectedExecutionException e) {
      return LEFT + "they are stopping";
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
    } catch (CpuPinningException e) {
      return "%s failed (%s)".formatted(name, e.getMessage());
    }
  }

  private static String result(Future<String> pinned) {
    if (!pinned.awaitUninterruptibly(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      return "one unknown (busy for " + TIMEOUT_SECONDS + " s)";
    }
    return pinned.isSuccess() ? pinned.getNow() : "one failed (" + pinned.cause() + ")";
  }
}
