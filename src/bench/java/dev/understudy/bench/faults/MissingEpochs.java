package dev.understudy.bench.faults;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Why a request may lack its epoch: its replica may be out of touch and go on alone, the record is
 * in doubt, or the replica is about to follow a switch, and sends to the server of before. One that
 * must not decide alone holds its clients instead.
 */
final class MissingEpochs {
  /**
   * For how long after a fault: a lost connection to the store is noticed, then the replica may
   * keep its own choice for three renewals.
   */
  private static final long AFTERMATH_NANOS = TimeUnit.SECONDS.toNanos(12);

  /** For how long a record may be in doubt. */
  private static final long DOUBT_NANOS = TimeUnit.SECONDS.toNanos(6);

  private final History history;

  /** Of each replica: its last requests in an epoch, and its first ones in another. */
  private final Map<String, NavigableSet<Long>> switches = new HashMap<>();

  MissingEpochs(History history) {
    this.history = history;
    Map<String, Hit> last = new HashMap<>();
    for (Hit hit : history.inTime()) {
      Hit before = last.put(hit.replica(), hit);
      if (before != null && before.epoch() != hit.epoch()) {
        NavigableSet<Long> times =
            switches.computeIfAbsent(hit.replica(), replica -> new TreeSet<>());
        times.add(before.nanos());
        times.add(hit.nanos());
      }
    }
  }

  /** Whether there is a reason, then or when the request may have been sent. */
  boolean excuse(Hit hit) {
    if (history.holds()) {
      return false;
    }
    long sent =
        history.windows().stream()
            .filter(window -> Checks.delays(window, hit.replica(), hit.server(), hit.nanos()))
            .mapToLong(Window::start)
            .reduce(hit.nanos(), Math::min);
    return isSwitching(hit.replica(), sent, hit.nanos())
        || isRecordInDoubt(sent, hit.nanos())
        || history.windows().stream()
            .filter(window -> hides(window, hit.replica()))
            .anyMatch(window -> window.overlaps(sent, hit.nanos(), AFTERMATH_NANOS))
        || history.stalls().stream()
            .anyMatch(stall -> stall.from() <= hit.nanos() && stall.to() + AFTERMATH_NANOS >= sent);
  }

  private boolean isRecordInDoubt(long from, long to) {
    return history.windows().stream()
        .filter(window -> window.kind().on() == Kind.On.RECORD)
        .anyMatch(window -> window.overlaps(from, to, DOUBT_NANOS));
  }

  private boolean isSwitching(String replica, long from, long to) {
    NavigableSet<Long> times = switches.get(replica);
    Long next = times == null ? null : times.ceiling(from - Checks.OVERLAP_NANOS);
    return next != null && next <= to + Checks.OVERLAP_NANOS;
  }

  private static boolean hides(Window window, String replica) {
    return switch (window.kind().on()) {
      case REPLICA, REPLICA_STORE, REPLICA_CLOCK -> window.replica().equals(replica);
      case STORE -> true;
      case SERVER, PAIR, DISK, HOOKS, AGENT, FILES, RECORD, OPERATOR -> false;
    };
  }
}
