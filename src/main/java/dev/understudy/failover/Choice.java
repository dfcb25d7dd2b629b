package dev.understudy.failover;

import dev.understudy.pool.ServerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Result of one look at a pool. */
public sealed interface Choice {
  /** The role state from now on; to be remembered. */
  RoleState roleState();

  /** The same choice with what is kept of claims to the role. */
  Choice with(RoleMemory memory);

  /**
   * When time alone may change the choice; null if only news can. New evidence, an operator's
   * command and a new file are always reasons to choose again.
   */
  @Nullable Instant lookAgain();

  /**
   * The serving server, or the lack of one, stays. The role state may have lost or gained a pin, or
   * keep another {@link RoleMemory}.
   */
  record Stay(RoleState roleState, @Nullable Instant lookAgain) implements Choice {
    @Override
    public Choice with(RoleMemory memory) {
      return new Stay(roleState.with(memory), lookAgain);
    }
  }

  /**
   * The serving server changes. The role state's epoch is greater by one.
   *
   * @param from null if no server was serving
   * @param to null if no server is to serve
   * @param evidence the observations behind the reason, for people
   */
  record Switch(
      RoleState roleState,
      @Nullable Instant lookAgain,
      @Nullable ServerId from,
      @Nullable ServerId to,
      SwitchReason reason,
      String evidence)
      implements Choice {
    @Override
    public Switch with(RoleMemory memory) {
      return new Switch(roleState.with(memory), lookAgain, from, to, reason, evidence);
    }
  }
}
