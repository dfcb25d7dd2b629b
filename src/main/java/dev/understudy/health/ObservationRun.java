package dev.understudy.health;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Observations in a row that speak against a server's status. Each holds as of when it began,
 * whenever it came: a good one takes back the bad ones that began before it, and no other; a bad
 * one takes back the good ones that began before it, and counts itself only if no good one began
 * later.
 *
 * @param begun when each began: bad ones while UP, good ones while DOWN
 * @param firstBad when the first bad one began; while DOWN, of the run that made the server DOWN.
 *     Null if nothing is bad
 * @param newestGood when the newest good one began; null if there was none
 * @param newestBad when the newest bad one began; null if there was none
 */
record ObservationRun(
    List<Instant> begun,
    @Nullable Instant firstBad,
    @Nullable Instant newestGood,
    @Nullable Instant newestBad) {
  static final ObservationRun NONE = new ObservationRun(List.of(), null, null, null);

  ObservationRun {
    begun = List.copyOf(begun);
  }

  int length() {
    return begun.size();
  }

  /** The run of a server that is UP after a good observation. */
  ObservationRun upAndGood(Instant began) {
    List<Instant> left = since(began);
    Instant first = left.isEmpty() ? null : Collections.min(left);
    return new ObservationRun(left, first, later(newestGood, began), newestBad);
  }

  /** The run of a server that is UP after a bad observation; the same if a good one began later. */
  ObservationRun upAndBad(Instant began) {
    return newestGood != null && !began.isAfter(newestGood)
        ? this
        : new ObservationRun(
            with(began), earlier(firstBad, began), newestGood, later(newestBad, began));
  }

  /** The run of a server that is DOWN after a good observation. */
  ObservationRun downAndGood(Instant began) {
    boolean counts = newestBad == null || began.isAfter(newestBad);
    return new ObservationRun(
        counts ? with(began) : begun, firstBad, later(newestGood, began), newestBad);
  }

  /** The run of a server that is DOWN after a bad observation. */
  ObservationRun downAndBad(Instant began) {
    return new ObservationRun(since(began), firstBad, newestGood, later(newestBad, began));
  }

  /** The run with {@code began} as the beginning of what is bad, unless it began before. */
  ObservationRun badSince(Instant began) {
    return new ObservationRun(begun, earlier(firstBad, began), newestGood, newestBad);
  }

  /** The run of a server whose status has just changed. */
  ObservationRun restarted() {
    return new ObservationRun(List.of(), firstBad, newestGood, newestBad);
  }

  /** The run of a server that has come up: what was bad is over. */
  ObservationRun over() {
    return new ObservationRun(List.of(), null, newestGood, newestBad);
  }

  /** The run as if there were this many good ones, of a server that an agent made DOWN. */
  ObservationRun withGood(int count, Instant now) {
    return new ObservationRun(Collections.nCopies(count, now), firstBad, newestGood, newestBad);
  }

  private List<Instant> since(Instant moment) {
    return begun.isEmpty() ? begun : begun.stream().filter(each -> each.isAfter(moment)).toList();
  }

  private List<Instant> with(Instant one) {
    List<Instant> more = new ArrayList<>(begun);
    more.add(one);
    return more;
  }

  private static Instant later(@Nullable Instant one, Instant other) {
    return one == null || one.isBefore(other) ? other : one;
  }

  private static Instant earlier(@Nullable Instant one, Instant other) {
    return one == null || one.isAfter(other) ? other : one;
  }

  /** For people: {@code "1 good probe"}, {@code "3 good probes in a row"}. */
  String words(String one, String many) {
    return length() == 1 ? "1 " + one : length() + " " + many + " in a row";
  }
}
