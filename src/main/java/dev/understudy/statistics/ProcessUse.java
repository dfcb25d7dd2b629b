package dev.understudy.statistics;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What this process uses of the machine, by the Java runtime and the operating system. */
public final class ProcessUse {
  /**
   * A reading.
   *
   * @param cpuSeconds processor time since the start
   * @param cpuPercent of one processor, since the sample before the last one
   * @param resident bytes of memory in the operating system's view; null if it does not say
   * @param openFiles file descriptors; -1 if the operating system does not say
   * @param maxFiles their limit; -1 if the operating system does not say
   */
  public record Reading(
      double cpuSeconds,
      double cpuPercent,
      long heapUsed,
      long heapCommitted,
      long heapMax,
      @Nullable Long resident,
      long openFiles,
      long maxFiles) {}

  private record Sample(long nanoTime, long cpuNanos) {}

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private Sample before = take();
  private Sample newest = before;

  /** Remembers the processor time; to be called every 5 s. */
  public synchronized void sample() {
    before = newest;
    newest = take();
  }

  private Sample take() {
    return new Sample(System.nanoTime(), system.getProcessCpuTime());
  }

  /** Reads the present use; reads a file of {@code /proc} where there is one. */
  public Reading read() {
    Sample now = take();
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    return new Reading(
        tenths(now.cpuNanos() / (double) TimeUnit.SECONDS.toNanos(1)),
        tenths(percent(now)),
        heap.getUsed(),
        heap.getCommitted(),
        heap.getMax(),
        resident(),
        system instanceof UnixOperatingSystemMXBean unix ? unix.getOpenFileDescriptorCount() : -1,
        system instanceof UnixOperatingSystemMXBean unix ? unix.getMaxFileDescriptorCount() : -1);
  }

  private synchronized double percent(Sample now) {
    long elapsed = now.nanoTime() - before.nanoTime();
    return elapsed <= 0 ? 0 : 100.0 * (now.cpuNanos() - before.cpuNanos()) / elapsed;
  }

  private static @Nullable Long resident() {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElse(null);
    } catch (IOException | RuntimeException e) {
      return null; // not Linux, or /proc is not there
    }
  }

  private static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
