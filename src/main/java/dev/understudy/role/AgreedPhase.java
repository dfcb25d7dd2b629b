package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.Promotion;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchPhase;
import org.jspecify.annotations.Nullable;

/**
 * What the replicas agree on in each phase of a planned switch.
 *
 * <table>
 * <caption>What changes with the phase that begins</caption>
 * <tr><th>phase<th>serves<th>epoch<th>owed
 * <tr><td>SCHEDULED, PAUSING<td>as before<td>as before<td>as before
 * <tr><td>FENCING, PROMOTING<td>as before<td>as before<td>nothing at the old server, no promotion
 * <tr><td>MOVED<td>the new server, pinned if an operator asked for it<td>the switch's<td>nothing at
 *     the new server, no promotion
 * <tr><td>GIVEN_UP<td>as before<td>as before<td>as before
 * <tr><td>ROLLING_BACK<td>as before<td>as before<td>demote at the new server, if it may have been
 *     promoted
 * <tr><td>ROLLED_BACK<td>as before<td>the one after the switch's<td>as before
 * <tr><td>FAILED<td>nobody; without a hook for promotions, the best server but the old one<td>the
 *     one after the switch's<td>promote at the best server but the old one, demote at the other one
 *     of the switch, or both
 * </table>
 *
 * <p>A failback that ends has been tried, whether it moved the role or not: the next one waits.
 */
record AgreedPhase(RoleDraft draft) {
  /** What is agreed on by the table, once the switch is {@code next}. */
  AgreedRole of(PlannedSwitch next) {
    AgreedRole agreed = draft.agreed;
    RoleState current = agreed.roleState();
    OwedHooks owed = agreed.owed();
    Operator by = next.request().by();
    boolean failback = next.request().failback();
    return switch (next.phase()) {
      case MOVED ->
          AgreedRole.upon(moved(next, current), draft.view.wall())
              .with(RoleOperators.ofSwitch(by, true))
              .with(next)
              .with(owed.planned(next.to()));
      case FENCING, PROMOTING -> agreed.with(next).with(owed.planned(next.from()));
      case ROLLING_BACK ->
          agreed.with(next).with(mayBePromoted() ? fencing(owed, next.to()) : owed);
      case FAILED -> failed(next);
      case ROLLED_BACK ->
          agreed.with(tried(failback, current.inEpoch(next.epoch() + 1))).with(next);
      case GIVEN_UP -> agreed.with(tried(failback, current)).with(next);
      case SCHEDULED, PAUSING -> agreed.with(next);
    };
  }

  /** Whether the new server may have been promoted in the present phase. */
  private boolean mayBePromoted() {
    PlannedSwitch planned = draft.planned();
    HookResult call = draft.switching.phase().call();
    return planned != null
        && planned.phase() == SwitchPhase.PROMOTING
        && (call == null ? draft.switching.phase().repeated() : call.outcome() != Call.REFUSED);
  }

  private RoleState tried(boolean failback, RoleState current) {
    return failback ? Failover.triedFailback(draft.pool(), current, draft.view.now()) : current;
  }

  /** What is owed once nobody knows whether that server is the master. */
  private OwedHooks fencing(OwedHooks owed, ServerId server) {
    return owed.moved(server, null, false, draft.view.hooks(), draft.view.wall());
  }

  /**
   * The ordinary choice, of which a switch that failed is the beginning: the old server comes last,
   * as it is known to be of no use or was tried just now.
   */
  private AgreedRole failed(PlannedSwitch next) {
    RoleState current = draft.roleState();
    ServerId first = new Promotion(draft.pool(), draft.view.all(), current).bestBut(next.from());
    boolean promotes = draft.view.hooks().promote();
    Choice.Switch change =
        move(
            current,
            promotes ? null : first,
            next.epoch() + 1,
            promotes || first == null ? SwitchReason.NO_SERVER : SwitchReason.HEALTH_CHECK_FAILED,
            "a " + next.request().words() + " failed: " + next.why());
    OwedHooks fences = fencing(fencing(draft.agreed.owed(), next.from()), next.to());
    return AgreedRole.upon(change, draft.view.wall())
        .with(RoleOperators.ofSwitch(next.request().by(), false))
        .with(next)
        .with(
            first == null
                ? fences
                : fences.moved(null, first, true, draft.view.hooks(), draft.view.wall()));
  }

  private Choice.Switch moved(PlannedSwitch next, RoleState current) {
    return next.request().failback()
        ? Failover.moveBack(
            draft.pool(),
            draft.view.all(),
            current,
            next.to(),
            next.epoch(),
            "a failback in phases: " + next.why(),
            draft.view.now())
        : move(
            current,
            next.to(),
            next.epoch(),
            SwitchReason.OPERATOR,
            "a planned switch, pinned until the pool is set to auto or the server fails: "
                + next.why());
  }

  private Choice.Switch move(
      RoleState current, @Nullable ServerId to, long epoch, SwitchReason reason, String evidence) {
    return Failover.move(draft.pool(), draft.view.all(), current, to, epoch, reason, evidence);
  }
}
