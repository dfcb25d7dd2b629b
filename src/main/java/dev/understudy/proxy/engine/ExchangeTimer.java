package dev.understudy.proxy.engine;

import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.eventloop.TickClock;
import java.time.Duration;

/** Measures the waits of one exchange by its event loop's {@link TickClock}. */
final class ExchangeTimer {
  /** The verdict on the wait for a response's head. */
  enum Verdict {
    FINE,
    /** The server has not sent a response's head, or has not read the request, in time. */
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

  /** Begins the measurement of a new state. */
  void begin() {
    sinceClock = clock.mark();
    movedClock = sinceClock;
  }

  /** Records that bytes have moved. */
  void moved() {
    movedClock = clock.mark();
  }

  /** Records that bytes of the response have arrived. */
  void received() {
    long mark = clock.mark();
    longestGapNanos = Math.max(longestGapNanos, mark - movedClock);
    movedClock = mark;
  }

  /** Nanoseconds since bytes last moved. */
  long silentNanos() {
    return clock.now() - movedClock;
  }

  /** The longest gap between two arrivals of the response's bytes so far, in nanoseconds. */
  long longestGapNanos() {
    return longestGapNanos;
  }

  /** The start of the current state, by the {@link TickClock}. */
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
   * Judges the wait for a response's head: {@code timeouts.response} applies once the request has
   * ended, {@code timeouts.idle} before.
   *
   * @param serversTurn whether the next move is the server's: to respond, or to read more of the
   *     request
   */
  Verdict awaiting(TimeoutSettings timeouts, boolean requestEnded, boolean serversTurn) {
    Duration limit = requestEnded ? timeouts.response() : timeouts.idle();
    if (clock.now() - movedClock < limit.toNanos()) {
      return Verdict.FINE;
    }
    return serversTurn ? Verdict.SERVER_LATE : Verdict.CLIENT_LATE;
  }
}
