package dev.understudy.bench.faults;

import dev.understudy.bench.faults.Call.End;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What must hold of a history, whatever the faults; each violation is a sentence. */
final class Checks {
  /** For how long two servers may get traffic at a switch. */
  static final long OVERLAP_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  /**
   * For how long after a fault that took a replica out of touch it may still go elsewhere: three
   * renewals.
   */
  private static final long BACK_IN_TOUCH_NANOS = TimeUnit.SECONDS.toNanos(6);

  /** What a frozen or slow server still had in its buffers. */
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final History history;
  private final Map<String, Integer> executed = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private long longestOverlap;
  private int refused;

  private Checks(History history) {
    this.history = history;
  }

  /**
   * The judgement.
   *
   * @param longestOverlap nanoseconds for which two servers got requests with an epoch, those
   *     excused left out
   * @param refused requests that the application's fence refused
   */
  record Judgement(List<String> violations, long longestOverlap, int refused) {}

  static Judgement judge(History history) {
    Checks checks = new Checks(history);
    checks.fence();
    checks.clients();
    checks.serverOfEpoch();
    checks.fallingEpochs();
    checks.overlaps();
    return new Judgement(List.copyOf(checks.violations), checks.longestOverlap, checks.refused);
  }

  /** Executed once, in the order of epochs. */
  private void fence() {
    Fence fence = new Fence();
    Hit last = null;
    for (Hit hit : history.hits()) {
      if (!fence.accepts(hit)) {
        refused++;
        continue;
      }
      if (!hit.write()) {
        continue;
      }
      if (executed.merge(hit.id(), 1, Integer::sum) == 2) {
        violations.add("executed twice: write " + hit.id() + ", the second time " + at(hit));
      }
      if (hit.hasEpoch()) {
        if (last != null && hit.epoch() < last.epoch()) {
          violations.add("accepted behind a newer epoch: " + at(hit) + " after " + at(last));
        }
        last = hit;
      }
    }
  }

  /** What clients were told is true. */
  private void clients() {
    for (Call call : history.calls()) {
      if (call.end() == End.MIXED_UP) {
        violations.add("got another's response: " + at(call));
      } else if (call.write() && call.end() == End.OK && !executed.containsKey(call.id())) {
        violations.add("acknowledged and not executed: " + at(call));
      } else if (call.write() && call.end() == End.FAILED && executed.containsKey(call.id())) {
        violations.add("refused and executed: " + at(call));
      }
    }
  }

  private void serverOfEpoch() {
    Map<Long, Hit> first = new HashMap<>();
    Set<Long> said = new HashSet<>();
    for (Hit hit : history.hits()) {
      if (hit.hasEpoch()) {
        Hit before = first.putIfAbsent(hit.epoch(), hit);
        if (before != null && !before.server().equals(hit.server()) && said.add(hit.epoch())) {
          violations.add("one epoch at two servers: " + at(before) + ", " + at(hit));
        }
      }
    }
  }

  /** Each replica's epoch, but for what was late on its way. */
  private void fallingEpochs() {
    Map<String, Hit> highest = new HashMap<>();
    Set<String> said = new HashSet<>();
    for (Hit hit : inTime()) {
      Hit high = highest.get(hit.replica());
      if (high == null || hit.epoch() > high.epoch()) {
        highest.put(hit.replica(), hit);
      } else if (hit.epoch() < high.epoch()
          && hit.nanos() - high.nanos() > OVERLAP_NANOS
          && !isExcused(hit)
          && said.add(hit.replica() + hit.epoch())) {
        violations.add("an epoch fell: " + at(high) + ", then " + at(hit));
      }
    }
  }

  /** From the first request in an epoch to the last one in an older epoch at another server. */
  private void overlaps() {
    Map<Long, Hit> firsts = new LinkedHashMap<>();
    Set<String> said = new HashSet<>();
    Hit newest = null;
    for (Hit hit : inTime()) {
      if (newest == null || hit.epoch() > newest.epoch()) {
        newest = hit;
        firsts.put(hit.epoch(), hit);
        continue;
      }
      if (hit.epoch() == newest.epoch() || isExcused(hit)) {
        continue;
      }
      // The first epoch after this one that another server has.
      Hit successor =
          firsts.values().stream()
              .filter(first -> first.epoch() > hit.epoch())
              .filter(first -> !first.server().equals(hit.server()))
              .findFirst()
              .orElse(null);
      if (successor == null) {
        continue;
      }
      long overlap = hit.nanos() - successor.nanos();
      longestOverlap = Math.max(longestOverlap, overlap);
      if (overlap > OVERLAP_NANOS && said.add(hit.replica() + hit.epoch())) {
        violations.add("two servers at once: " + at(hit) + ", since " + at(successor));
      }
    }
  }

  private List<Hit> inTime() {
    return history.hits().stream()
        .filter(Hit::hasEpoch)
        .sorted((one, other) -> Long.compare(one.nanos(), other.nanos()))
        .toList();
  }

  /** Whether the replica may not know better, or the request may have been late on its way. */
  private boolean isExcused(Hit hit) {
    return history.windows().stream()
        .anyMatch(window -> excuses(window, hit.replica(), hit.server(), hit.nanos()));
  }

  /** Whether what the replica sends to the server may be late because of it. */
  static boolean excuses(Window window, String replica, String server, long nanos) {
    return switch (window.kind().reach()) {
      case NOBODY ->
          window.kind() == Kind.FREEZE_SERVER
              && window.target().equals(server)
              && window.overlaps(nanos, nanos, LATE_NANOS);
      case REPLICA, TOUCH ->
          window.replica().equals(replica) && window.overlaps(nanos, nanos, BACK_IN_TOUCH_NANOS);
      case STORE -> window.overlaps(nanos, nanos, BACK_IN_TOUCH_NANOS);
    };
  }

  private String at(Hit hit) {
    return "%s from %s at %s in epoch %d, %s"
        .formatted(
            hit.id(), hit.replica(), hit.server(), hit.epoch(), history.seconds(hit.nanos()));
  }

  private String at(Call call) {
    return "%s through %s, %s to %s: %s"
        .formatted(
            call.id(),
            call.replica(),
            history.seconds(call.invoked()),
            history.seconds(call.ended()),
            call.what());
  }
}
