package dev.understudy.bench.faults;

import dev.understudy.bench.faults.Call.End;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What must hold of a history, whatever the faults; each violation is a sentence. */
final class Checks {
  /** For how long two servers may get traffic at a switch. */
  static final long OVERLAP_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  /**
   * For how long a client may wait for the end of a request: hold.time, two attempts of
   * timeouts.response, and some for a busy machine.
   */
  static final long LONGEST_CALL_NANOS = TimeUnit.SECONDS.toNanos(30);

  /**
   * For how long after a fault that took a replica out of touch it may still go elsewhere: three
   * renewals.
   */
  private static final long BACK_IN_TOUCH_NANOS = TimeUnit.SECONDS.toNanos(6);

  /** What a frozen or slow server still had in its buffers. */
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final History history;

  /** Writes by their ids, those that a server has refused left out. */
  private final Map<String, Hit> taken = new HashMap<>();

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
    checks.servers();
    checks.clients();
    checks.serverOfEpoch();
    checks.missingEpochs();
    checks.fallingEpochs();
    checks.overlaps();
    return new Judgement(List.copyOf(checks.violations), checks.longestOverlap, checks.refused);
  }

  /** Each write came once, as no client repeats one; what was executed, was so in order. */
  private void servers() {
    Map<String, Hit> sent = new HashMap<>();
    Hit newest = null;
    for (Hit hit : history.hits()) {
      if (hit.status() == Hit.REFUSED) {
        refused++;
      } else if (hit.write() && (hit.isExecuted() || !taken.containsKey(hit.id()))) {
        taken.put(hit.id(), hit);
      }
      Hit before = hit.write() ? sent.putIfAbsent(hit.id(), hit) : null;
      if (before != null) {
        String what = before.isExecuted() && hit.isExecuted() ? "executed" : "sent";
        violations.add("%s twice: %s, then %s".formatted(what, at(before), at(hit)));
      }
      if (hit.hasEpoch() && newest != null && hit.epoch() < newest.epoch()) {
        if (hit.isExecuted()) {
          violations.add("accepted behind a newer epoch: " + at(hit) + " after " + at(newest));
        }
      } else if (hit.hasEpoch()) {
        newest = hit;
      }
    }
  }

  /** What clients were told is true, and they were told something. */
  private void clients() {
    for (Call call : history.calls()) {
      Hit hit = taken.get(call.id());
      if (call.end() == End.MIXED_UP) {
        violations.add("got another's response: " + at(call));
      } else if (call.end() == End.GARBLED) {
        violations.add("got no response of HTTP: " + at(call));
      } else if (call.write() && call.end() == End.OK && (hit == null || !hit.isExecuted())) {
        violations.add("acknowledged and not executed: " + at(call));
      } else if (call.write() && call.end() == End.FAILED && hit != null) {
        String what = hit.isExecuted() ? "executed" : "sent";
        violations.add("refused and %s: %s, %s".formatted(what, at(call), at(hit)));
      }
      if (waited(call) > LONGEST_CALL_NANOS) {
        violations.add("had no end for too long: " + at(call));
      }
    }
  }

  /** Without times in which the test itself did not run, or the replica did not take part. */
  private long waited(Call call) {
    long waited = call.ended() - call.invoked();
    if (waited <= LONGEST_CALL_NANOS) {
      return waited;
    }
    long stalled =
        history.stalls().stream()
            .mapToLong(stall -> stall.within(call.invoked(), call.ended()))
            .sum();
    long away =
        history.windows().stream()
            .filter(window -> window.kind().on() == Kind.On.REPLICA)
            .filter(window -> window.replica().equals(call.replica()))
            .mapToLong(window -> window.within(call.invoked(), call.ended()))
            .sum();
    return waited - stalled - away;
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

  /** No request lacks its epoch without a reason; one sentence for each replica. */
  private void missingEpochs() {
    MissingEpochs excuses = new MissingEpochs(history);
    Map<String, List<Hit>> missing = new TreeMap<>();
    for (Hit hit : history.hits()) {
      if (!hit.hasEpoch() && !excuses.excuse(hit)) {
        missing.computeIfAbsent(hit.replica(), replica -> new ArrayList<>()).add(hit);
      }
    }
    missing.forEach(
        (replica, hits) ->
            violations.add(
                "%d without an epoch though in touch, the first: %s"
                    .formatted(hits.size(), at(hits.getFirst()))));
  }

  /** Each replica's epoch, but for what was late on its way. */
  private void fallingEpochs() {
    Map<String, Hit> highest = new HashMap<>();
    Set<String> said = new HashSet<>();
    for (Hit hit : history.inTime()) {
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
    for (Hit hit : history.inTime()) {
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

  /** Whether the replica may not know better, or the request may have been late on its way. */
  private boolean isExcused(Hit hit) {
    return history.windows().stream()
        .anyMatch(window -> excuses(window, hit.replica(), hit.server(), hit.nanos()));
  }

  /** Whether what the replica sends to the server may be late because of it. */
  static boolean excuses(Window window, String replica, String server, long nanos) {
    return delays(window, replica, server, nanos)
        || switch (window.kind().on()) {
          case SERVER, PAIR -> false;
          default ->
              switch (window.kind().reach()) {
                case NOBODY -> false;
                case REPLICA, TOUCH ->
                    window.replica().equals(replica)
                        && window.overlaps(nanos, nanos, BACK_IN_TOUCH_NANOS);
                case STORE -> window.overlaps(nanos, nanos, BACK_IN_TOUCH_NANOS);
              };
        };
  }

  /** Whether what the replica has sent to the server may have waited on its way. */
  static boolean delays(Window window, String replica, String server, long nanos) {
    return switch (window.kind().on()) {
      case SERVER ->
          window.kind() == Kind.FREEZE_SERVER
              && window.server().equals(server)
              && window.overlaps(nanos, nanos, LATE_NANOS);
      case PAIR ->
          window.replica().equals(replica)
              && window.server().equals(server)
              && window.overlaps(nanos, nanos, BACK_IN_TOUCH_NANOS);
      default -> false;
    };
  }

  private String at(Hit hit) {
    return "%s from %s at %s %s, %s, %s"
        .formatted(
            hit.id(),
            hit.replica(),
            hit.server(),
            hit.hasEpoch() ? "in epoch " + hit.epoch() : "without an epoch",
            history.seconds(hit.nanos()),
            hit.status() == Hit.UNANSWERED ? "not answered" : "answered " + hit.status());
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
