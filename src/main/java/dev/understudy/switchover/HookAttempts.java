package dev.understudy.switchover;

import dev.understudy.switchover.SwitchFacts.Call;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one replica at a call of a hook that is owed in the present epoch.
 *
 * <table>
 * <caption>The next call</caption>
 * <tr><th>last call<th>next one
 * <tr><td>none<td>now
 * <tr><td>RUNNING<td>not yet
 * <tr><td>REFUSED, UNCERTAIN<td>after 1 s, doubled with each call up to 30 s, ±10 %
 * <tr><td>DONE<td>likewise, if the call is still owed: a server goes on to claim the role. That is
 *     another occasion
 * </table>
 *
 * @param calls how many have begun
 * @param last the outcome of the last one; null before the first
 * @param since when the last one began or ended
 * @param delay the time from its end to the next call
 * @param occasion what tells the next call from one that was done in this epoch, see {@link
 *     HookCall#occasion}
 */
public record HookAttempts(
    int calls, @Nullable Call last, Instant since, Duration delay, Instant occasion) {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** Calls after which the time between them grows no more. */
  public static final int MOST_DOUBLINGS = 5;

  /**
   * No attempt yet.
   *
   * @param calls how many calls at other servers this one takes the place of
   */
  public static HookAttempts none(int calls, Instant now, Instant occasion) {
    return new HookAttempts(calls, null, now, Duration.ZERO, occasion);
  }

  /** A call began. */
  public HookAttempts begun(Instant now) {
    return new HookAttempts(calls + 1, Call.RUNNING, now, Duration.ZERO, occasion);
  }

  /**
   * The call ended.
   *
   * @param spread from −0.1 to 0.1
   */
  public HookAttempts ended(Call outcome, Instant now, double spread) {
    Duration doubled = SHORTEST.multipliedBy(1L << Math.min(calls - 1, MOST_DOUBLINGS));
    Duration longest = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    Duration wait = Duration.ofNanos(Math.round(longest.toNanos() * (1 + spread)));
    return new HookAttempts(calls, outcome, now, wait, outcome == Call.DONE ? now : occasion);
  }

  /** Time until the next call, by the table; null while one runs. */
  public @Nullable Duration next(Instant now) {
    if (last == Call.RUNNING) {
      return null;
    }
    return last == null ? Duration.ZERO : left(delay, now);
  }

  /** What is left of {@code most} since the last call ended. */
  public Duration left(Duration most, Instant now) {
    Duration left = most.minus(Duration.between(since, now));
    return left.isNegative() ? Duration.ZERO : left;
  }
}
