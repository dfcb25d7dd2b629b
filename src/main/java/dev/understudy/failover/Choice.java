package dev.understudy.failover;

import dev.understudy.pool.ServerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Result of one look at a pool. */
public sealed interface Choice {
  /** The tenure from now on; to be remembered. */
  RoleState tenure();

  /** The same choice with what is kept of claims to the role. */
  Choice with(RoleMemory memory);

  /**
   * When time alone may change the choice; null if only news can. New evidence, an operator's
   * command and a new file are always reasons to choose again.
   */
  @Nullable Instant lookAgain();

  /**
   * The serving server, or the lack of one, stays. The tenure may have lost or gained a pin, or
   * keep another {@link RoleMemory}.
   */
  record Stay(RoleState tenure, @Nullable Instant lookAgain) implements Choice {
    @Override
    public Choice with(RoleMemory memory) {
      return new Stay(tenure.with(memory), lookAgain);
    }
  }

  /**
   * The serving server changes. The tenure's epoch is greater by one.
   *
   * @param from null if no server was serving
   * @param to null if no server is to serve
   * @param evidence the observations behind the reason, for people
   */
  record Switch(
      RoleState tenure,
      @Nullable Instant lookAgain,
      @Nullable ServerId from,
      @Nullable ServerId to,
      SwitchReason reason,
      String evidence)
      implements Choice {
    @Override
    public Choice with(RoleMemory memory) {
      return new Switch(tenure.with(memory), lookAgain, from, to, reason, evidence);
    }
  }
}
