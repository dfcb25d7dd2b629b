package dev.understudy.monitor;

import dev.understudy.agreement.DecisionThread;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Spreads the first probes of many servers, so that a start with hundreds of them does not crowd
 * the prober's thread. At most {@link #AT_ONCE} of them begin; the next one does when one of these
 * has ended, or has taken {@link #LONGEST_WAIT}: a dead server holds up nobody for longer. 400 good
 * servers take about as long as their responses, 400 dead ones 1.3 s.
 *
 * <p>While more servers than that are unjudged, each has one probe in flight: further ones, which
 * many servers on one busy machine would all get, would only make it slower.
 */
final class FirstProbes {
  static final int AT_ONCE = 16;
  static final Duration LONGEST_WAIT = Duration.ofMillis(50);

  private final Scheduler scheduler;
  private final Queue<Place> waiting = new ArrayDeque<>();
  private int begun;
  private int unjudged;

  FirstProbes(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * The place of one server's first probe.
   *
   * @param free called when {@link Place#take} has become true after it was false
   */
  Place place(Runnable free) {
    unjudged++;
    return new Place(free);
  }

  /** Whether each unjudged server may have one probe in flight only. */
  boolean isCrowded() {
    return unjudged > AT_ONCE;
  }

  private void next() {
    while (begun < AT_ONCE && !waiting.isEmpty()) {
      Place place = waiting.remove();
      place.begin();
      place.free.run();
    }
  }

  private enum State {
    OUTSIDE,
    WAITS,
    BEGUN,
    LEFT
  }

  /** Whether one server's first probe may begin. */
  final class Place {
    private final Runnable free;
    private State state = State.OUTSIDE;
    private boolean judged;
    private DecisionThread.Timer patience = () -> {};

    private Place(Runnable free) {
      this.free = free;
    }

    /** Whether the probe may begin now; if not, it waits for its turn. */
    boolean take() {
      if (state == State.OUTSIDE) {
        if (begun < AT_ONCE) {
          begin();
        } else {
          state = State.WAITS;
          waiting.add(this);
        }
      }
      return state != State.WAITS;
    }

    private void begin() {
      state = State.BEGUN;
      begun++;
      patience = scheduler.schedule(LONGEST_WAIT, this::leave);
    }

    /** The server has been judged, or is not there any more. */
    void judged() {
      leave();
      if (!judged) {
        judged = true;
        unjudged--;
      }
    }

    /** The probe has ended, or is not wanted any more. */
    void leave() {
      State before = state;
      state = State.LEFT;
      if (before == State.WAITS) {
        waiting.remove(this);
      } else if (before == State.BEGUN) {
        patience.cancel();
        begun--;
        next();
      }
    }
  }
}
