package dev.understudy.proxy.engine;

import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.eventloop.TickClock;
import java.time.Duration;

/**
 * Measures the waits of one attempt by its event loop's {@link TickClock}, and says who is late.
 *
 * <table>
 *   <caption>Phase, what is awaited, for how long, and who is late then</caption>
 *   <tr><td>CONNECTING</td><td>a connection</td><td>{@code connect}</td><td>CONNECTION</td></tr>
 *   <tr><td>AWAITING</td><td>the client takes a 1xx</td><td>{@code idle}</td><td>CLIENT</td></tr>
 *   <tr><td></td><td>the response, after the whole request</td><td>{@code response}</td>
 *       <td>RESPONSE</td></tr>
 *   <tr><td></td><td>the server reads or responds, before that</td><td>{@code idle}</td>
 *       <td>RESPONSE</td></tr>
 *   <tr><td></td><td>the client sends more of its request</td><td>{@code idle}</td>
 *       <td>REQUEST</td></tr>
 *   <tr><td>RELAYING</td><td>the client takes more</td><td>{@code idle}</td><td>CLIENT</td></tr>
 *   <tr><td></td><td>the server sends more</td><td>{@code idle}</td><td>REST</td></tr>
 * </table>
 *
 * <p>Each byte that moves begins the wait anew, except the one for a connection.
 */
final class AttemptTimer {
  /** What has not come in time. */
  enum Late {
    NOTHING,
    CONNECTION,
    /** The head of the server's response. */
    RESPONSE,
    /** The rest of the client's request. */
    REQUEST,
    /** The rest of the response. */
    REST,
    /** The client's reading. */
    CLIENT
  }

  private final TickClock clock;
  private long sinceClock;
  private long movedClock;
  private long longestGapNanos;

  AttemptTimer(TickClock clock) {
    this.clock = clock;
    begin();
  }

  /** Begins the measurement of a new phase. */
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

  /** The start of the current phase, by the {@link TickClock}. */
  long sinceClock() {
    return sinceClock;
  }

  /**
   * Returns what has not come in time.
   *
   * @param taken whether the client takes what it is given
   * @param requestEnded whether the whole request has arrived
   * @param serversTurn whether the server has to respond, or to read more of the request
   */
  Late late(
      ExchangePhase phase,
      TimeoutSettings timeouts,
      boolean taken,
      boolean requestEnded,
      boolean serversTurn) {
    return switch (phase) {
      case CONNECTING ->
          isOver(clock.now() - sinceClock, timeouts.connect()) ? Late.CONNECTION : Late.NOTHING;
      case AWAITING -> {
        if (!taken) {
          yield late(timeouts.idle(), Late.CLIENT);
        }
        yield requestEnded
            ? late(timeouts.response(), Late.RESPONSE)
            : late(timeouts.idle(), serversTurn ? Late.RESPONSE : Late.REQUEST);
      }
      case RELAYING -> late(timeouts.idle(), taken ? Late.REST : Late.CLIENT);
      case SELECTING, OVER -> Late.NOTHING;
    };
  }

  private Late late(Duration limit, Late awaited) {
    return isOver(silentNanos(), limit) ? awaited : Late.NOTHING;
  }

  private static boolean isOver(long nanos, Duration limit) {
    return nanos >= limit.toNanos();
  }
}
