package dev.understudy.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** The kernel's figures about a process (proc(5)). */
public final class ProcFs {
  /** USER_HZ, which is 100 wherever Debian runs. */
  private static final long NANOS_PER_TICK = TimeUnit.SECONDS.toNanos(1) / 100;

  /** Of {@code stat}'s fields behind the command's name: utime and stime. */
  private static final int USER_TIME = 11;

  private static final int SYSTEM_TIME = 12;

  private ProcFs() {}

  /** User and system time of a process and its children. */
  public static long cpuNanos(long pid) {
    return sum(pid, process -> ticks(process, USER_TIME) + ticks(process, SYSTEM_TIME))
        * NANOS_PER_TICK;
  }

  /** Resident memory of a process and its children. */
  public static long rssBytes(long pid) {
    return sum(pid, process -> status(process, "VmRSS:")) * 1024;
  }

  /** Threads of a process, without its children's. */
  public static long threads(long pid) {
    return status(pid, "Threads:");
  }

  /** Open file descriptors of a process, without its children's. */
  public static long descriptors(long pid) {
    try (var files = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long sum(long pid, ToLongFunction<Long> value) {
    long sum = value.applyAsLong(pid);
    for (ProcessHandle child :
        ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).toList()) {
      sum += value.applyAsLong(child.pid());
    }
    return sum;
  }

  private static long ticks(long pid, int field) {
    String stat = read(pid, "stat");
    // The command's name stands in parentheses and may hold anything.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[field]);
  }

  private static long status(long pid, String name) {
    return read(pid, "status")
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (NoSuchFileException e) {
      throw new IllegalStateException("process " + pid + " has ended", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
