package dev.understudy.admin;

import dev.understudy.history.HistoryStatus;
import dev.understudy.statistics.LimitUse;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The response of {@code GET /api/process}.
 *
 * @param version of Understudy
 * @param java version and vendor of the Java runtime
 * @param limits what is used of each limit
 * @param history the file of events; null without {@code understudy.state-file}
 */
public record ProcessDocument(
    String version,
    String java,
    long pid,
    Instant startedAt,
    long uptimeSeconds,
    Cpu cpu,
    Memory memory,
    FileDescriptors fileDescriptors,
    EventLoops eventLoops,
    List<LimitUse> limits,
    @Nullable HistoryStatus history) {
  public ProcessDocument {
    limits = List.copyOf(limits);
  }

  /**
   * Processor time.
   *
   * @param processors that the process may use
   * @param seconds used since the start
   * @param percent of one processor, over the last 5 to 10 s
   */
  public record Cpu(int processors, double seconds, double percent) {}

  /**
   * Memory.
   *
   * @param directBytes buffers of Netty outside of the heap
   * @param residentBytes what the operating system gave the process; null if it does not say
   */
  public record Memory(
      long heapUsedBytes,
      long heapCommittedBytes,
      long heapMaxBytes,
      long directBytes,
      @Nullable Long residentBytes) {}

  /** File descriptors; -1 where the operating system does not say. */
  public record FileDescriptors(long open, long max) {}

  /**
   * The event loops that serve clients.
   *
   * @param connections of clients, without tunnels
   * @param longestLagMillis the longest time that a task waited for its event loop: of one task now
   *     and, while somebody asks every 10 s, of those every 100 ms in the last 5 to 10 s
   */
  public record EventLoops(
      int count, int connections, double longestLagMillis, List<EventLoopUse> loops) {
    public EventLoops {
      loops = List.copyOf(loops);
    }
  }

  /**
   * One event loop.
   *
   * @param pendingTasks tasks that wait for it
   */
  public record EventLoopUse(int connections, int pendingTasks, double lagMillis) {}
}
