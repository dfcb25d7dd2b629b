package dev.understudy.assembly;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How the file descriptors of this process are divided, so that clients can never use up those of
 * probes, of the management port and of connections to servers.
 *
 * <p>A part is for what the process needs itself, one each for probes and for the management port,
 * and of the rest a client's connection gets two: each may need one to a server (as HAProxy
 * computes {@code maxconn} from {@code ulimit-n}).
 *
 * @param limit of the process; -1 if the operating system does not say
 * @param clients the most connections of clients
 * @param upstream the most connections to servers
 * @param management the most connections of the management port
 */
public record FileDescriptorBudget(long limit, int clients, int upstream, int management) {
  static final int MOST_MANAGEMENT = 256;
  static final int MOST_PROBES = 1024;
  static final int LEAST_SHARE = 8;

  /** The fewest connections of clients with which it makes sense to run. */
  static final int LEAST_CLIENTS = 16;

  /** What a start still opens: listeners, files, the register of replicas. */
  private static final int START = 24;

  /** Event loops of the data plane and the management port, each with three descriptors. */
  private static final int PER_PROCESSOR = 6;

  /** Connections that a listener of another event loop accepts before it learns of the limit. */
  private static final int ACCEPTED_AT_ONCE = 16;

  /** A part of a small limit: a sixteenth. */
  private static final int SHARES = 16;

  /** The limit is too low to run with. */
  public static final class TooFewException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooFewException(long limit, long needed) {
      super("expected at least %d file descriptors, found %d".formatted(needed, limit));
    }
  }

  /**
   * The plan for this process, early in its start.
   *
   * @param wanted {@code understudy.client.max-connections}
   * @throws TooFewException if there is no room for a few clients
   */
  static FileDescriptorBudget ofProcess(int wanted) {
    int processors = Runtime.getRuntime().availableProcessors();
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? of(
            unix.getMaxFileDescriptorCount(), unix.getOpenFileDescriptorCount(), processors, wanted)
        : new FileDescriptorBudget(-1, wanted, Integer.MAX_VALUE, MOST_MANAGEMENT);
  }

  /**
   * Divides the descriptors.
   *
   * @param open those that are open now
   */
  static FileDescriptorBudget of(long limit, long open, int processors, int wanted) {
    long management = share(limit, MOST_MANAGEMENT);
    long sockets = sockets(limit, open, processors);
    long clients = Math.min(wanted, sockets / 2);
    if (clients < Math.min(wanted, LEAST_CLIENTS)) {
      throw new TooFewException(limit, needed(open, processors));
    }
    long upstream = sockets - clients + beyondLimit(limit, processors);
    return new FileDescriptorBudget(
        limit, (int) clients, (int) Math.min(Integer.MAX_VALUE, upstream), (int) management);
  }

  /** What is left for connections of clients and to servers. */
  private static long sockets(long limit, long open, int processors) {
    long own = open + START + (long) PER_PROCESSOR * processors;
    // Each of them may need a connection to a server, as any other.
    long beyond = 2 * beyondLimit(limit, processors);
    return limit - own - beyond - share(limit, MOST_MANAGEMENT) - share(limit, MOST_PROBES);
  }

  /** Connections of clients that may be there for a moment, beyond the most that there may be. */
  private static long beyondLimit(long limit, int processors) {
    return Math.min((long) ACCEPTED_AT_ONCE * processors, limit / SHARES);
  }

  private static long share(long limit, int most) {
    return Math.clamp(limit / SHARES, LEAST_SHARE, most);
  }

  private static long needed(long open, int processors) {
    long limit = 1;
    while (sockets(limit, open, processors) < 2 * LEAST_CLIENTS) {
      limit++;
    }
    return limit;
  }

  /** Whether clients get fewer connections than is set. */
  boolean isClamped(int wanted) {
    return clients < wanted;
  }
}
