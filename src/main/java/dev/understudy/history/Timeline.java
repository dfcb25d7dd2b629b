package dev.understudy.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
record Timeline(List<Tenure> tenures) {
  static final int MOST = 500;

  /** How long a tenure lasts whose end is earlier than its beginning. */
  static final Duration LEAST = Duration.ofMillis(1);

  static final Timeline EMPTY = new Timeline(List.of());

  /**
   * The beginning of a tenure.
   *
   * @param serving null if nobody serves, or if it is not known
   */
  record Tenure(
      boolean known,
      @Nullable String serving,
      Instant from,
      @Nullable String reason,
      long epoch,
      @Nullable String evidence,
      @Nullable String operator,
      @Nullable String operatorReason) {
    static Tenure unknown(Instant from) {
      return new Tenure(false, null, from, null, 0, null, null, null);
    }

    private boolean isOf(Tenure other) {
      return known == other.known && epoch == other.epoch && Objects.equals(serving, other.serving);
    }

    private Tenure movedTo(Instant time) {
      return new Tenure(known, serving, time, reason, epoch, evidence, operator, operatorReason);
    }

    private Tenure explainedBy(Tenure earlier) {
      return new Tenure(
          known,
          serving,
          from,
          earlier.reason,
          epoch,
          earlier.evidence,
          earlier.operator,
          earlier.operatorReason);
    }

    private ServingPeriod until(Instant to, Instant notBefore) {
      return new ServingPeriod(
          known,
          serving,
          from.isBefore(notBefore) ? notBefore : from,
          to,
          reason,
          epoch,
          evidence,
          operator,
          operatorReason);
    }
  }

  Timeline {
    tenures = List.copyOf(tenures);
  }

  /** The tenure that has not ended; null if there is none. */
  @Nullable Tenure last() {
    return tenures.isEmpty() ? null : tenures.getLast();
  }

  /** From then on it is not known who serves. */
  Timeline ends(Instant at) {
    return begins(Tenure.unknown(at));
  }

  Timeline begins(Tenure next) {
    Tenure last = last();
    if (last == null) {
      return next.known() ? new Timeline(List.of(next)) : this;
    }
    if (last.isOf(next)) {
      return this;
    }
    Tenure begun = next.reason() == null && next.known() ? explained(next) : next;
    List<Tenure> kept = new ArrayList<>(tenures);
    while (!kept.isEmpty() && kept.getLast().from().equals(begun.from())) {
      kept.removeLast();
    }
    makeRoom(kept, begun.from());
    kept.add(begun);
    return new Timeline(bounded(kept));
  }

  /** Moves those that begin later back before {@code end}, the last first. */
  private static void makeRoom(List<Tenure> tenures, Instant end) {
    Instant next = end;
    for (int i = tenures.size() - 1; i >= 0 && !tenures.get(i).from().isBefore(next); i--) {
      next = next.minus(LEAST);
      tenures.set(i, tenures.get(i).movedTo(next));
    }
  }

  /** The timeline without its older half. */
  Timeline newerHalf() {
    return new Timeline(bounded(tenures.subList(tenures.size() / 2, tenures.size())));
  }

  /** The next tenure, with the reason of the one before the gap if that goes on after it. */
  private Tenure explained(Tenure next) {
    int before = tenures.size() - 2;
    return !tenures.getLast().known() && before >= 0 && tenures.get(before).isOf(next)
        ? next.explainedBy(tenures.get(before))
        : next;
  }

  private static List<Tenure> bounded(List<Tenure> tenures) {
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
      Instant end = i + 1 < tenures.size() ? tenures.get(i + 1).from() : to;
      ServingPeriod segment = tenures.get(i).until(end.isBefore(to) ? end : to, from);
      if (segment.from().isBefore(segment.to())) {
        segments.add(segment);
      }
    }
    return segments;
  }
}
