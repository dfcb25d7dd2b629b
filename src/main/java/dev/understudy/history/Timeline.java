package dev.understudy.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who served one pool: an immutable list of tenures, each of which ends where the next begins, so
 * that it has no gap. A time that nobody observed is a tenure too, of its own kind.
 *
 * <table>
 * <caption>A tenure begins</caption>
 * <tr><th>last tenure</th><th>next</th><th>result</th></tr>
 * <tr><td>none</td><td>unknown</td><td>none</td></tr>
 * <tr><td>of the same server in the same epoch, or unknown too</td><td></td><td>goes on</td></tr>
 * <tr><td>unknown, after one of the same server in the same epoch</td><td>without a reason</td>
 *     <td>has the reason of that one</td></tr>
 * <tr><td>begins at the same time</td><td></td><td>is replaced</td></tr>
 * <tr><td>begins later: the clock was set back</td><td></td><td>ends, and is moved, with all before
 *     it, as far back as needed, so that each lasts {@link #LEAST} at least</td></tr>
 * <tr><td>any other</td><td></td><td>ends</td></tr>
 * </table>
 *
 * <p>The last {@value #MOST} tenures are kept, however old: a clock that was far ahead for a time
 * must not make those before look old.
 */
record Timeline(List<ServingPeriod> tenures) {
  static final int MOST = 500;

  /** How long a tenure lasts whose end is earlier than its beginning. */
  static final Duration LEAST = Duration.ofMillis(1);

  static final Timeline EMPTY = new Timeline(List.of());

  Timeline {
    tenures = List.copyOf(tenures);
  }

  /** The tenure that has not ended; null if there is none. */
  @Nullable ServingPeriod last() {
    return tenures.isEmpty() ? null : tenures.getLast();
  }

  /** From then on it is not known who serves. */
  Timeline ends(Instant at) {
    return begins(ServingPeriod.unknown(at));
  }

  Timeline begins(ServingPeriod next) {
    ServingPeriod last = last();
    if (last == null) {
      return next.known() ? new Timeline(List.of(next)) : this;
    }
    if (last.isOf(next)) {
      return this;
    }
    ServingPeriod begun = next.reason() == null && next.known() ? explained(next) : next;
    List<ServingPeriod> kept = new ArrayList<>(tenures);
    while (!kept.isEmpty() && kept.getLast().from().equals(begun.from())) {
      kept.removeLast();
    }
    makeRoom(kept, begun.from());
    kept.add(begun);
    return new Timeline(bounded(kept));
  }

  /** Moves those that begin later back before {@code end}, the last first. */
  private static void makeRoom(List<ServingPeriod> tenures, Instant end) {
    Instant next = end;
    for (int i = tenures.size() - 1; i >= 0 && !tenures.get(i).from().isBefore(next); i--) {
      next = next.minus(LEAST);
      tenures.set(i, tenures.get(i).within(next, Instant.MAX));
    }
  }

  /** The timeline without its older half. */
  Timeline newerHalf() {
    return new Timeline(bounded(tenures.subList(tenures.size() / 2, tenures.size())));
  }

  /** The next tenure; if it continues the tenure before a gap, with the reason of that one. */
  private ServingPeriod explained(ServingPeriod next) {
    int before = tenures.size() - 2;
    return !tenures.getLast().known() && before >= 0 && tenures.get(before).isOf(next)
        ? next.explainedBy(tenures.get(before))
        : next;
  }

  private static List<ServingPeriod> bounded(List<ServingPeriod> tenures) {
    int first = Math.max(0, tenures.size() - MOST);
    while (first < tenures.size() - 1 && !tenures.get(first).known()) {
      first++;
    }
    return tenures.subList(first, tenures.size());
  }

  /** The segments of that time, oldest first. */
  List<ServingPeriod> between(Instant from, Instant to) {
    List<ServingPeriod> segments = new ArrayList<>();
    for (int i = 0; i < tenures.size(); i++) {
      ServingPeriod tenure = tenures.get(i);
      Instant end = i + 1 < tenures.size() ? tenures.get(i + 1).from() : to;
      ServingPeriod segment =
          tenure.within(
              tenure.from().isBefore(from) ? from : tenure.from(), end.isBefore(to) ? end : to);
      if (segment.from().isBefore(segment.to())) {
        segments.add(segment);
      }
    }
    return segments;
  }
}
