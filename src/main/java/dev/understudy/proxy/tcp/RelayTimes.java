package dev.understudy.proxy.tcp;

import dev.understudy.traffic.ConnectionEnd;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The time limits of an open connection, by the clock of the sweep. The first row that applies
 * holds.
 *
 * <table>
 * <caption>When it is cut</caption>
 * <tr><td>the time has come at which its server is left<td>MOVED
 * <tr><td>it lingers, and nothing has passed for 10 s<td>SERVER_FAILED
 * <tr><td>nothing has passed for {@code timeouts.tunnel}<td>IDLE
 * </table>
 */
final class RelayTimes {
  /** How long the rest may take to be written after the server broke off. */
  static final long LINGER_NANOS = Duration.ofSeconds(10).toNanos();

  private static final long NEVER = Long.MAX_VALUE;

  /** Whether something has passed since the last check. */
  private boolean touched = true;

  private long quietSinceClock;
  private long moveAtClock = NEVER;

  /** Something passes. */
  void touch() {
    touched = true;
  }

  /** Plans that the server is left; no plan is postponed. */
  void moveAt(long clock) {
    moveAtClock = Math.min(moveAtClock, clock);
  }

  /** The connection may stay. */
  void stay() {
    moveAtClock = NEVER;
  }

  /**
   * Why the connection is to be cut now; null if it is not.
   *
   * @param idleNanos {@code timeouts.tunnel}
   * @param lingers whether it lasts only for what the server sent
   */
  @Nullable ConnectionEnd check(long clock, long idleNanos, boolean lingers) {
    if (touched) {
      touched = false;
      quietSinceClock = clock;
    }
    long quiet = clock - quietSinceClock;
    if (clock >= moveAtClock) {
      return ConnectionEnd.MOVED;
    }
    if (lingers && quiet >= LINGER_NANOS) {
      return ConnectionEnd.SERVER_FAILED;
    }
    return quiet >= idleNanos ? ConnectionEnd.IDLE : null;
  }
}
