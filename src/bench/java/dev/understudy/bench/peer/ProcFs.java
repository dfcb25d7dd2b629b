package dev.understudy.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
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

  /**
   * CPU time of each thread of a process, to the nanosecond; nothing of those that have ended.
   *
   * @return by the thread's id; empty if the process has ended
   */
  public static Map<Long, Long> threadNanos(long pid) {
    Map<Long, Long> threads = new HashMap<>();
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks) {
        try {
          String[] fields = Files.readString(task.resolve("schedstat")).split(" ");
          threads.put(Long.parseLong(task.getFileName().toString()), Long.parseLong(fields[0]));
        } catch (IOException e) {
          // The thread has ended meanwhile.
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // The process has ended.
    }
    return threads;
  }

  /** Resident memory of a process and its children; pages that they share count once. */
  public static long rssBytes(long pid) {
    boolean alone =
        ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).findAny().isEmpty();
    return 1024
        * (alone
            ? number(pid, "status", "VmRSS:")
            : sum(pid, process -> number(process, "smaps_rollup", "Pss:")));
  }

  /** Threads of a process, without its children's. */
  public static long threads(long pid) {
    return number(pid, "status", "Threads:");
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

  private static long number(long pid, String file, String name) {
    return read(pid, file)
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
