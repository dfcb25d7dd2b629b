package dev.understudy.admin;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all platform threads do at one moment: at most 500 threads, 64 frames each.
 *
 * @param count the number of threads, more than those listed if there are too many
 * @param deadlocked the ids of threads that wait for each other
 * @param threads by name
 */
record ThreadsDocument(int count, List<Long> deadlocked, List<Stack> threads) {
  private static final int MAX_THREADS = 500;
  private static final int MAX_FRAMES = 64;
  private static final double NANOS_PER_MILLI = 1e6;

  /**
   * One thread.
   *
   * @param cpuMillis its CPU time since its start; null if it has ended, or Java does not measure
   *     it
   * @param waitsFor the lock that it waits for; null if none
   * @param heldBy the name of the thread that holds that lock; null if none
   * @param frames innermost first
   */
  record Stack(
      long id,
      String name,
      String state,
      @Nullable Double cpuMillis,
      @Nullable String waitsFor,
      @Nullable String heldBy,
      List<String> frames) {}

  static ThreadsDocument take() {
    ThreadMXBean bean = ManagementFactory.getThreadMXBean();
    ThreadInfo[] infos = bean.dumpAllThreads(false, false, MAX_FRAMES);
    List<Stack> threads = new ArrayList<>();
    for (ThreadInfo info : infos) {
      threads.add(stack(info, bean));
    }
    threads.sort(Comparator.comparing(Stack::name).thenComparingLong(Stack::id));
    long[] deadlocked = bean.findDeadlockedThreads();
    return new ThreadsDocument(
        infos.length,
        deadlocked == null ? List.of() : Arrays.stream(deadlocked).boxed().toList(),
        threads.stream().limit(MAX_THREADS).toList());
  }

  private static Stack stack(ThreadInfo info, ThreadMXBean bean) {
    long cpu =
        bean.isThreadCpuTimeSupported() && bean.isThreadCpuTimeEnabled()
            ? bean.getThreadCpuTime(info.getThreadId())
            : -1;
    return new Stack(
        info.getThreadId(),
        info.getThreadName(),
        info.getThreadState().name(),
        cpu < 0 ? null : Math.round(cpu / NANOS_PER_MILLI * 10) / 10.0,
        info.getLockName(),
        info.getLockOwnerName(),
        Arrays.stream(info.getStackTrace()).map(StackTraceElement::toString).toList());
  }
}
