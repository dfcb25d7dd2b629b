package dev.understudy.bench.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * For how much of a time faults may keep a replica's clients without service, whatever is decided:
 * while one takes that replica away, and while two at once may leave it no server, or nobody who
 * chooses one. A gap between two such times that is too short for a recovery counts, too.
 */
final class Away {
  /** Of all such times together, beside the longest of them. */
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(30);

  private record Span(long from, long to) {
    long nanos() {
      return to - from;
    }

    Span within(long begin, long end) {
      return new Span(Math.max(from, begin), Math.min(to, end));
    }
  }

  private final String replica;
  private final boolean holds;
  private final List<Span> spans = new ArrayList<>();

  private Away(String replica, boolean holds) {
    this.replica = replica;
    this.holds = holds;
  }

  /**
   * The nanoseconds.
   *
   * @param holds see {@link History}
   */
  static long nanos(List<Window> windows, String replica, boolean holds, long from, long to) {
    Away away = new Away(replica, holds);
    away.collect(windows);
    return away.sum(from, to);
  }

  private void collect(List<Window> windows) {
    windows.stream()
        .filter(window -> takesAway(window, replica, holds))
        .forEach(window -> spans.add(new Span(window.start(), window.end())));
    List<Window> reaching = windows.stream().filter(this::reaches).toList();
    for (int i = 0; i < reaching.size(); i++) {
      Window one = reaching.get(i);
      for (Window other : reaching.subList(i + 1, reaching.size())) {
        spans.add(new Span(one.start(), one.end()).within(other.start(), other.end()));
      }
    }
  }

  private long sum(long from, long to) {
    List<Span> sorted =
        spans.stream()
            .map(span -> span.within(from, to))
            .filter(span -> span.nanos() > 0)
            .sorted(Comparator.comparingLong(Span::from))
            .toList();
    long sum = 0;
    long longest = 0;
    long end = from;
    for (Span span : sorted) {
      longest = Math.max(longest, span.nanos());
      if (sum > 0 && span.from() > end && span.from() - end <= Pauses.QUIET_NANOS) {
        sum += span.from() - end;
      }
      sum += Math.max(0, span.to() - Math.max(end, span.from()));
      end = Math.max(end, span.to());
    }
    return Math.min(sum, MOST_NANOS + longest);
  }

  /** Whether a fault alone keeps that replica from serving while it lasts. */
  static boolean takesAway(Window window, String replica, boolean holds) {
    return switch (window.kind().reach()) {
      case NOBODY -> false;
      case REPLICA -> window.replica().equals(replica);
      case TOUCH -> holds && window.replica().equals(replica);
      case STORE -> holds;
    };
  }

  /** Whether it concerns a server, the store or this replica. */
  private boolean reaches(Window window) {
    return switch (window.kind().on()) {
      case SERVER, AGENT, PAIR, OPERATOR, STORE -> true;
      case REPLICA, REPLICA_STORE -> window.replica().equals(replica);
      case REPLICA_CLOCK, DISK, HOOKS, FILES, RECORD -> false;
    };
  }
}
