package dev.understudy.switchover;

import dev.understudy.switchover.SwitchFacts.Call;
import java.time.Duration;

/**
 * What came of a call of a hook.
 *
 * @param outcome never RUNNING
 * @param detail for people, on one line
 */
public record HookResult(Call outcome, String detail, Duration took) {
  /** The same if the call may have been made before: what is refused now may have been done. */
  public HookResult ofRepeatedCall() {
    return outcome == Call.REFUSED ? new HookResult(Call.UNCERTAIN, detail, took) : this;
  }

  /** A call that this process failed to make, or to follow. */
  public static HookResult failed(String why) {
    return new HookResult(Call.UNCERTAIN, why, Duration.ZERO);
  }
}
