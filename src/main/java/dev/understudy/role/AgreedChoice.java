package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.Promotion;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the replicas agree on upon a choice, the replicas' own or an operator's. */
record AgreedChoice(RoleDraft draft, HookTransition hooks, SwitchPlanning planning) {
  /**
   * What becomes of a choice, if the new server must be promoted before it serves: by the file, or
   * after a planned switch that failed. Out of touch no hook can be called: only what served last,
   * or proves the role, serves then.
   */
  Promotion.Result promotingFirst(Choice choice) {
    Pool pool = draft.pool();
    RoleState current = draft.roleState();
    SwitchReason reason = draft.agreed.reason();
    boolean goesOn = draft.view.hooks().promote() && hooks.pending() != null;
    if ((!pool.settings().hooks().promotesFirst() && !goesOn) || reason == null) {
      return new Promotion.Result(choice);
    }
    if (!draft.view.inTouch()) {
      ServerId to = choice.roleState().serving();
      if (to == null
          || to.equals(current.serving())
          || to.equals(draft.agreed.owed().from())
          || pool.provesRole()) {
        return new Promotion.Result(choice);
      }
      if (current.serving() == null) {
        return new Promotion.Result(new Choice.Stay(current, null));
      }
    }
    return new Promotion(pool, draft.view.all(), current)
        .of(choice, hooks.pending(), reason, draft.agreed.evidence());
  }

  /** After the end of the pin, or of a switch that failed; empty if there is neither. */
  Optional<AgreedRole> unpinned(@Nullable Operator by) {
    AgreedRole agreed = draft.agreed;
    boolean failed = draft.isLeftWithNobody();
    if (agreed.roleState().pinned() == null && !failed) {
      return Optional.empty();
    }
    AgreedRole unpinned = agreed.withPin(agreed.roleState().unpinned(), by);
    ServerId first = agreed.owed().promote();
    return Optional.of(
        failed && first != null
            ? unpinned.with((PlannedSwitch) null).with(agreed.owed().done(true, first))
            : unpinned);
  }

  /**
   * After an operator's switch to a server; empty if that is not usable. To the one that serves, it
   * gives up a planned switch that can be given up.
   */
  Optional<AgreedRole> pinned(ServerId to, boolean acceptLoss, @Nullable Operator by) {
    Pool pool = draft.pool();
    RoleState before = draft.roleState();
    return Failover.switchTo(pool, draft.view.all(), before, to, acceptLoss)
        .map(
            choice ->
                switch (choice) {
                  case Choice.Stay stay ->
                      upon(new Promotion.Result(stay), by).with(planning.keeping(to, by));
                  case Choice.Switch change when pool.settings().hooks().promotesFirst() ->
                      upon(new Promotion(pool, draft.view.all(), before).byCommand(change), by);
                  case Choice.Switch change -> upon(new Promotion.Result(change), by);
                });
  }

  /**
   * What the replicas agree on upon a choice.
   *
   * @param by who asked for it; null for a choice of the replicas' own
   */
  AgreedRole upon(Promotion.Result result, @Nullable Operator by) {
    AgreedRole agreed = draft.agreed;
    return switch (result.choice()) {
      case Choice.Stay stay
          when Objects.equals(stay.roleState().pinned(), agreed.roleState().pinned()) ->
          agreed.with(stay.roleState());
      case Choice.Stay stay -> agreed.withPin(stay.roleState(), by);
      case Choice.Switch change ->
          AgreedRole.upon(change, draft.view.wall())
              .with(operatorsBehind(change, result.pin(), by))
              .with(planning.after(change))
              .with(owedAfter(change, result));
    };
  }

  private RoleOperators operatorsBehind(Choice.Switch change, boolean pin, @Nullable Operator by) {
    if (hooks.isPromotedFirst(change.to())) {
      return draft.agreed.operators();
    }
    return change.roleState().pinned() != null || pin
        ? RoleOperators.ofSwitch(by, true)
        : draft.view.operators().behind(change);
  }

  private OwedHooks owedAfter(Choice.Switch change, Promotion.Result result) {
    ServerId to = result.first() == null ? change.to() : result.first();
    boolean told = change.reason() != SwitchReason.INITIAL && !hooks.isPromotedFirst(change.to());
    OwedHooks owed =
        hooks
            .owedAfterRefusal()
            .moved(change.from(), to, told, draft.view.hooks(), draft.view.wall());
    return result.pin() ? owed.pinning() : owed;
  }
}
