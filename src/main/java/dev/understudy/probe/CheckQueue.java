package dev.understudy.probe;

import dev.understudy.probe.Prober.Urgency;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Checks that wait for their turn, as there is too little time for all of them. Of two turns, one
 * is for what is suspected, and one for what is not: no client can keep the checks of other servers
 * waiting by what it makes suspicious. A turn that its own kind does not need goes to another.
 *
 * <table>
 * <caption>Who comes next; among equals, who waits longest</caption>
 * <tr><th>turn<th>first<th>then<th>last
 * <tr><td>odd<td>SUSPECTED<td>LATE<td>ROUTINE
 * <tr><td>even<td>LATE<td>ROUTINE<td>SUSPECTED
 * </table>
 */
final class CheckQueue<T> {
  private static final Urgency[] ODD = {Urgency.SUSPECTED, Urgency.LATE, Urgency.ROUTINE};
  private static final Urgency[] EVEN = {Urgency.LATE, Urgency.ROUTINE, Urgency.SUSPECTED};

  private final Map<Urgency, Deque<T>> waiting = new EnumMap<>(Urgency.class);
  private boolean even;

  CheckQueue() {
    for (Urgency each : Urgency.values()) {
      waiting.put(each, new ArrayDeque<>());
    }
  }

  private Deque<T> of(Urgency urgency) {
    return Objects.requireNonNull(waiting.get(urgency));
  }

  void add(T check, Urgency urgency) {
    of(urgency).add(check);
  }

  /** Removes a check that was added so; returns whether it was still waiting. */
  boolean remove(T check, Urgency urgency) {
    return of(urgency).remove(check);
  }

  /** Takes the next one; null if none waits. */
  @Nullable T poll() {
    for (Urgency each : even ? EVEN : ODD) {
      T next = of(each).poll();
      if (next != null) {
        even = !even;
        return next;
      }
    }
    return null;
  }
}
