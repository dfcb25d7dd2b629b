package dev.understudy.bench.soak;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One action of a client and its result.
 *
 * @param detail for people, if it did not end well
 */
record Visit(Habit habit, long startNanos, long endNanos, Ending ending, String detail) {

  /** How a visit can end. */
  enum Ending {
    /** All that was asked for came, or the client itself left. */
    SERVED,
    /** 502 for a request that must not be repeated. */
    REFUSED,
    /** The connection broke off within a response. */
    BROKEN_OFF,
    /** Another status, another body, or a connection that broke before the response. */
    WRONG
  }

  /**
   * The time around a fault.
   *
   * @param what a description, for people
   * @param endNanos {@link Long#MAX_VALUE} while it lasts
   */
  record Window(String what, long startNanos, long endNanos) {
    private boolean touches(Visit visit) {
      return visit.startNanos() <= endNanos && visit.endNanos() >= startNanos;
    }
  }

  /**
   * Whether it ended as it has to. A fault excuses what no proxy can save: a response that had
   * begun, and a request that may have been executed.
   */
  boolean isAsExpected(Collection<Window> faults) {
    return switch (ending) {
      case SERVED -> true;
      case WRONG -> false;
      case REFUSED -> habit.sendsOrders() && touchesAny(faults);
      case BROKEN_OFF -> touchesAny(faults);
    };
  }

  private boolean touchesAny(Collection<Window> faults) {
    return faults.stream().anyMatch(fault -> fault.touches(this));
  }

  /** The events with their times in seconds since {@code originNanos}, for people. */
  String describe(Collection<Window> faults, long originNanos) {
    String during =
        faults.stream()
            .filter(fault -> fault.touches(this))
            .map(fault -> fault.what() + " at " + seconds(fault.startNanos() - originNanos))
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "%s %s from %s to %s%s: %s",
        habit,
        ending,
        seconds(startNanos - originNanos),
        seconds(endNanos - originNanos),
        during.isEmpty() ? "" : " (" + during + ")",
        detail.lines().findFirst().orElse(""));
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.2f", nanos / 1e9);
  }
}
