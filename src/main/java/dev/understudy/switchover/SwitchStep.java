package dev.understudy.switchover;

import dev.understudy.pool.ServerId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a replica does for a planned switch now. */
public sealed interface SwitchStep {
  /**
   * Nothing.
   *
   * @param lookAgain when time alone may change that; null if only news can
   */
  record Wait(@Nullable Duration lookAgain) implements SwitchStep {}

  /**
   * Write the next state.
   *
   * @param inTurn whether any replica may write it, each in its turn; else this one at once
   */
  record Write(PlannedSwitch next, boolean inTurn) implements SwitchStep {}

  /**
   * Call a hook.
   *
   * @param promote whether it is {@code promote}, not {@code demote}
   * @param epoch the epoch that the call announces
   * @param within the longest time that the call may take
   */
  record Call(boolean promote, ServerId server, long epoch, Duration within)
      implements SwitchStep {}
}
