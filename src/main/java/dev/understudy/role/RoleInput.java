package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import org.jspecify.annotations.Nullable;

/** What happens to a pool's role. */
public sealed interface RoleInput {
  /**
   * The pool begins.
   *
   * @param keptFrom source of what is agreed on already, for people
   */
  record Begin(String keptFrom) implements RoleInput {}

  /** Something in the {@link RoleView} may have changed, or the time for another look has come. */
  record News() implements RoleInput {}

  /** Another replica changed the agreement. */
  record Agreed(AgreedRole role) implements RoleInput {}

  /** An operator asks to propose a change. */
  record Ask(AgreedRole next) implements RoleInput {}

  /**
   * A proposal of this replica ended.
   *
   * @param holds what is agreed on from now on; null if nothing could be agreed on
   */
  record Proposed(@Nullable AgreedRole holds) implements RoleInput {}

  /**
   * A call of a hook ended.
   *
   * @param number of the call, see {@link RoleEffect.CallHook}
   */
  record Called(long number, HookCall call, HookResult result) implements RoleInput {}

  /** Every event loop of this replica has seen the pause of that planned switch. */
  record PauseSeen(String planned) implements RoleInput {}

  /** A client was refused, as a bound of the hold is reached. */
  record HoldFull() implements RoleInput {}
}
