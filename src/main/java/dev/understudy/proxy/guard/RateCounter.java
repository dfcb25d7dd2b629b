package dev.understudy.proxy.guard;

/**
 * Counts events over a sliding period: those of the current period, and those of the one before it,
 * weighted by the part of it that the sliding period still covers. The rate is that of HAProxy's
 * {@code freq_ctr}, which {@code http_req_rate} reports.
 *
 * <p>Constant size; thread-safe.
 */
final class RateCounter {
  private final long periodMillis;
  private long begun;
  private long current;
  private long previous;

  /**
   * @param periodMillis at least 1
   * @param nowMillis of a clock that never goes back
   */
  RateCounter(long periodMillis, long nowMillis) {
    this.periodMillis = periodMillis;
    this.begun = nowMillis;
  }

  private RateCounter(long periodMillis, Reading reading, long nowMillis) {
    this(periodMillis, nowMillis - reading.ageMillis());
    this.current = reading.current();
    this.previous = reading.previous();
  }

  /**
   * What a counter knows.
   *
   * @param ageMillis since its current period began, 0 or more
   * @param current events in it
   * @param previous events in the period before
   */
  record Reading(long ageMillis, long current, long previous) {
    Reading {
      if (ageMillis < 0 || current < 0 || previous < 0) {
        throw new IllegalArgumentException("expected numbers of 0 or more");
      }
    }
  }

  synchronized Reading reading(long nowMillis) {
    return new Reading(Math.max(0, nowMillis - begun), current, previous);
  }

  /** A counter that goes on from a reading of another one with the same period. */
  static RateCounter of(long periodMillis, Reading reading, long nowMillis) {
    return new RateCounter(periodMillis, reading, nowMillis);
  }

  /** Counts one event, and returns how many there were in the last period, this one included. */
  synchronized long add(long nowMillis) {
    rotate(nowMillis);
    current++;
    return current + previous * left(nowMillis) / periodMillis;
  }

  private void rotate(long nowMillis) {
    long passed = nowMillis - begun;
    if (passed < periodMillis) {
      return;
    }
    boolean missed = passed >= 2 * periodMillis;
    previous = missed ? 0 : current;
    begun = missed ? nowMillis : begun + periodMillis;
    current = 0;
  }

  /** The part of the previous period that still counts. */
  private long left(long nowMillis) {
    return Math.max(0, begun + periodMillis - nowMillis);
  }

  /**
   * The time until another event would be at most the {@code limit}th of its period, if there is
   * none before it.
   *
   * @param limit at least 1
   */
  synchronized long millisUntilBelow(long limit, long nowMillis) {
    rotate(nowMillis);
    if (current < limit) {
      return Math.max(0, left(nowMillis) - weight(limit - current, previous));
    }
    return left(nowMillis) + periodMillis - weight(limit, current);
  }

  /**
   * The longest part of a period, in milliseconds, that leaves room for one more event.
   *
   * @param room events that may happen, at least 1
   * @param events of the whole period
   */
  private long weight(long room, long events) {
    // The next one fits while events * part / period, rounded down, is less than the room.
    return events == 0 ? periodMillis : Math.min(periodMillis, (room * periodMillis - 1) / events);
  }
}
