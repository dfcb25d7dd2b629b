package dev.understudy.proxy;

import dev.understudy.pool.TimeoutSettings;
import java.time.Duration;

/** Measures one exchange's waits, by its event loop's clock. */
final class ExchangeTimer {
  /** What a look at the clock says. */
  enum Verdict {
    FINE,
    /** The server has not sent a byte of a response, or has not read the request, in time. */
    SERVER_LATE,
    /** The client has sent nothing of its request's body in time: 408. */
    CLIENT_LATE
  }

  private final TickClock clock;
  private long sinceClock;
  private long movedClock;
  private long longestGapNanos;

  ExchangeTimer(TickClock clock) {
    this.clock = clock;
  }

  /** Another state begins. */
  void begin() {
    sinceClock = clock.mark();
    movedClock = sinceClock;
  }

  /** Bytes moved. */
  void moved() {
    movedClock = clock.mark();
  }

  /** Bytes of the response came. */
  void received() {
    long mark = clock.mark();
    longestGapNanos = Math.max(longestGapNanos, mark - movedClock);
    movedClock = mark;
  }

  /** How long nothing has moved. */
  long silentNanos() {
    return clock.now() - movedClock;
  }

  /** The longest that nothing came of the response before something came again. */
  long longestGapNanos() {
    return longestGapNanos;
  }

  /** When the present state began. */
  long sinceClock() {
    return sinceClock;
  }

  boolean isConnectOver(TimeoutSettings timeouts) {
    return clock.now() - sinceClock >= timeouts.connect().toNanos();
  }

  boolean isIdleOver(TimeoutSettings timeouts) {
    return clock.now() - movedClock >= timeouts.idle().toNanos();
  }

  /**
   * Judges the wait for a response's head.
   *
   * @param serversTurn whether the request is sent, or the server takes no more of it
   */
  Verdict awaiting(TimeoutSettings timeouts, boolean requestEnded, boolean serversTurn) {
    Duration limit = requestEnded ? timeouts.response() : timeouts.idle();
    if (clock.now() - movedClock < limit.toNanos()) {
      return Verdict.FINE;
    }
    return serversTurn ? Verdict.SERVER_LATE : Verdict.CLIENT_LATE;
  }

  long movedClock() {
    return movedClock;
  }
}
