package dev.understudy.warmup;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads what this process and all others use of the processors: those of the control group that has
 * the smallest quota, else those of the machine.
 */
final class CpuMeter {
  /** The kernel's unit in {@code /proc/stat}, the same on all of Linux. */
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** Of {@code /proc/stat}: user, nice, system, and irq, softirq, steal behind idle and iowait. */
  private static final int[] BUSY = {1, 2, 3, 6, 7, 8};

  private static final String USAGE = "usage_usec ";

  private final Path proc;
  private final @Nullable Group group;
  private final double processors;
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /**
   * A control group with a quota.
   *
   * @param quota in processors
   */
  private record Group(Path folder, double quota) {}

  CpuMeter() {
    this(Path.of("/proc"), Path.of("/sys/fs/cgroup"), Runtime.getRuntime().availableProcessors());
  }

  /**
   * @param groups where control groups are mounted
   */
  CpuMeter(Path proc, Path groups, int available) {
    this.proc = proc;
    group = smallest(proc.resolve("self/cgroup"), groups);
    processors = group == null ? available : Math.min(available, group.quota());
  }

  /** The processors that there are for this process and the others. */
  double processors() {
    return processors;
  }

  /** What was used until now; the others' use is 0 where nothing tells it. */
  CpuShare.Use read() {
    long own = system.getProcessCpuTime();
    return new CpuShare.Use(System.nanoTime(), own, Math.max(0, all(own) - own));
  }

  private long all(long own) {
    try {
      return group == null ? ofMachine() : ofGroup(group.folder());
    } catch (IOException | RuntimeException e) {
      return own;
    }
  }

  private long ofMachine() throws IOException {
    String[] times = first(proc.resolve("stat")).split(" +", -1);
    long ticks = 0;
    for (int each : BUSY) {
      ticks += Long.parseLong(times[each]);
    }
    return ticks * TICK_NANOS;
  }

  private static long ofGroup(Path folder) throws IOException {
    Path old = folder.resolve("cpuacct.usage");
    if (Files.exists(old)) {
      return Long.parseLong(first(old));
    }
    for (String line : Files.readAllLines(folder.resolve("cpu.stat"))) {
      if (line.startsWith(USAGE)) {
        return TimeUnit.MICROSECONDS.toNanos(Long.parseLong(line.substring(USAGE.length())));
      }
    }
    throw new IOException("no " + USAGE);
  }

  private static String first(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return lines.isEmpty() ? "" : lines.getFirst();
  }

  /** The group of this process, or one around it, that has the smallest quota. */
  private static @Nullable Group smallest(Path own, Path groups) {
    Group found = null;
    try {
      for (String line : Files.readAllLines(own)) {
        String[] parts = line.split(":", 3);
        boolean second = parts[0].equals("0") && parts[1].isEmpty();
        boolean ofCpu = List.of(parts[1].split(",", -1)).contains("cpu");
        if (second || ofCpu) {
          Path root = second ? groups : groups.resolve("cpu");
          found = smaller(found, root, root.resolve(parts[2].substring(1)));
        }
      }
    } catch (IOException | RuntimeException e) {
      return found;
    }
    return found;
  }

  private static @Nullable Group smaller(@Nullable Group found, Path root, Path leaf) {
    Group smallest = found;
    for (Path each = leaf; each != null && each.startsWith(root); each = each.getParent()) {
      Double quota = quota(each);
      if (quota != null && (smallest == null || quota < smallest.quota())) {
        smallest = new Group(each, quota);
      }
    }
    return smallest;
  }

  private static @Nullable Double quota(Path folder) {
    try {
      Path second = folder.resolve("cpu.max");
      String[] words =
          Files.exists(second)
              ? first(second).split(" ", -1)
              : new String[] {
                first(folder.resolve("cpu.cfs_quota_us")),
                first(folder.resolve("cpu.cfs_period_us"))
              };
      double quota = Double.parseDouble(words[0]) / Double.parseDouble(words[1]);
      return quota > 0 ? quota : null;
    } catch (IOException | RuntimeException e) {
      return null; // no such folder, or no quota
    }
  }
}
