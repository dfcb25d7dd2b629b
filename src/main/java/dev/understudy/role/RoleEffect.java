package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.event.Event;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.HookCall;
import org.jspecify.annotations.Nullable;

/** What a step of the {@link RoleMachine} calls for; carried out in order. */
public sealed interface RoleEffect {
  /** Propose to the replicas; {@link RoleInput.Proposed} tells the result. */
  record Propose(AgreedRole current, AgreedRole next) implements RoleEffect {}

  /**
   * Call a hook once the snapshot is published, so that no request follows an older one; {@link
   * RoleInput.Called} tells the result.
   *
   * @param number tells calls apart
   */
  record CallHook(long number, HookCall call) implements RoleEffect {}

  /** Tell the other replicas of the planned switch; null if there is nothing to tell any more. */
  record Acknowledge(@Nullable Acknowledgement given) implements RoleEffect {}

  /** Emit an event. */
  record Emit(Event event) implements RoleEffect {}

  /** Publish the pool's state. */
  record Publish() implements RoleEffect {}

  /** Another server serves from now on. */
  record Serve(@Nullable ServerId from, @Nullable ServerId to) implements RoleEffect {}

  /**
   * Judge that server anew, if it is DOWN: a planned switch may have fenced it until now, and this
   * replica may have begun after that.
   *
   * @param up also if it is UP, as what was bad meanwhile did not count
   */
  record JudgeAnew(ServerId server, boolean up) implements RoleEffect {}

  /** Warm that server up and no other; none if it is null. */
  record WarmUp(@Nullable ServerId server) implements RoleEffect {}

  /** Tell the servers that the choice has taken into account how a new file changed them. */
  record ConfirmFileChange() implements RoleEffect {}

  /** Take {@link RoleInput.News} at once: what was seen rests on what was agreed on before. */
  record LookAgain() implements RoleEffect {}
}
