package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.RenamedPool;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The agreement on one pool, as the register holds it.
 *
 * @param holder the serving server; null if there is none
 * @param epoch counts the changes of the holder; 0 if there was none yet
 * @param reason reason of the last change; null before the first
 * @param since time of the last change, by the clock of the replica that decided
 * @param evidence the observations behind the reason, for people
 * @param decidedBy the replica that wrote the last change
 * @param pinned whether an operator switched to the holder
 * @param failbacks number of failbacks in succession
 * @param failbackEpoch the epoch that the last failback began; 0 if there was none
 * @param operatorStates operator states of the pool and its servers, and who set them
 * @param operators the operators behind the last change and the pin
 * @param memory what is kept of claims to the role, if checks prove it
 * @param planned the planned switch that is under way, or the last one; null if there was none
 * @param owed the calls of hooks that are owed since the role moved without a plan
 */
record PoolRecord(
    @Nullable ServerIdentity holder,
    long epoch,
    @Nullable SwitchReason reason,
    Instant since,
    String evidence,
    String decidedBy,
    boolean pinned,
    int failbacks,
    long failbackEpoch,
    OperatorStates operatorStates,
    RoleOperators operators,
    RoleMemory memory,
    @Nullable PlannedSwitch planned,
    OwedHooks owed) {
  /** The absence of a record. */
  static final PoolRecord NONE =
      new PoolRecord(
          null,
          0,
          null,
          Instant.EPOCH,
          "",
          "",
          false,
          0,
          0,
          OperatorStates.NONE,
          RoleOperators.NONE,
          RoleMemory.NONE,
          null,
          OwedHooks.NONE);

  PoolRecord {
    since = since.truncatedTo(ChronoUnit.MICROS); // As registers keep it, for equality.
  }

  /**
   * Whether the register's record comes into force where this one is known. Otherwise this one
   * stays in force, and is written again in a higher epoch.
   *
   * <table>
   * <caption>The first row that fits</caption>
   * <tr><th>known<th>the register holds<th>follow
   * <tr><td>nothing<td>anything or nothing<td>yes
   * <tr><td>epoch e<td>a higher epoch<td>yes
   * <tr><td>epoch e, holder A<td>epoch e, holder A<td>yes: pin and operator states may differ
   * <tr><td>epoch e, holder A<td>epoch e, another holder: edited by hand, or restored<td>no
   * <tr><td>epoch e<td>a lower epoch, or nothing<td>no
   * </table>
   *
   * @param found null if the register holds no record
   */
  boolean follows(@Nullable PoolRecord found) {
    if (isEmpty() || (found != null && found.epoch > epoch)) {
      return true;
    }
    return found != null && found.epoch == epoch && Objects.equals(found.holder, holder);
  }

  /** Whether it says nothing: no epoch and no operator states. */
  boolean isEmpty() {
    return epoch == 0 && operatorStates.isReady();
  }

  /**
   * The role state on which the choice works.
   *
   * @param lastFailback when this replica saw the last failback, by its own clock
   */
  RoleState roleState(@Nullable Instant lastFailback) {
    ServerId serving = serving();
    return new RoleState(
        serving,
        epoch,
        pinned ? serving : null,
        failbacks,
        failbacks == 0 ? null : lastFailback,
        memory);
  }

  /** The serving server; null if there is none. */
  @Nullable ServerId serving() {
    return holder == null || epoch == 0 ? null : holder.id();
  }

  /** Whether a failback ended without moving the role, which {@code before} does not know. */
  boolean gaveFailbackUp(PoolRecord before) {
    PlannedSwitch ended = planned;
    return ended != null
        && ended.isFailedFailback()
        && (before.planned == null
            || !before.planned.id().equals(ended.id())
            || !before.planned.isFailedFailback());
  }

  AgreedRole agreed(@Nullable Instant lastFailback) {
    return new AgreedRole(
        roleState(lastFailback),
        reason,
        since,
        evidence,
        decidedBy,
        holder,
        operators,
        planned,
        owed);
  }

  /** The record after {@code next} is agreed on; operator states stay. */
  PoolRecord next(AgreedRole next, @Nullable ServerIdentity holder, String replica) {
    boolean failback = next.reason() == SwitchReason.FAILBACK && next.roleState().epoch() != epoch;
    return new PoolRecord(
        holder,
        next.roleState().epoch(),
        next.reason(),
        next.since(),
        next.evidence(),
        next.roleState().epoch() == epoch ? decidedBy : replica,
        next.roleState().pinned() != null,
        next.roleState().failbacks(),
        failback ? next.roleState().epoch() : failbackEpoch,
        operatorStates,
        next.roleState().epoch() == epoch
            ? operators.withPin(next.operators().ofPin())
            : next.operators(),
        next.roleState().memory(),
        next.planned(),
        next.owed());
  }

  /** The record of the same pool under another name; see {@link RenamedPool#of(AgreedRole)}. */
  PoolRecord renamed(RenamedPool renamed) {
    if (renamed.keepsNames()) {
      return this;
    }
    return new PoolRecord(
        holder == null ? null : renamed.of(holder),
        epoch,
        reason,
        since,
        evidence,
        decidedBy,
        pinned,
        failbacks,
        failbackEpoch,
        renamed.of(operatorStates),
        operators,
        renamed.of(memory),
        null,
        OwedHooks.NONE);
  }

  /** The record with other operator states. */
  PoolRecord with(OperatorStates next) {
    return new PoolRecord(
        holder,
        epoch,
        reason,
        since,
        evidence,
        decidedBy,
        pinned,
        failbacks,
        failbackEpoch,
        next,
        operators,
        memory,
        planned,
        owed);
  }

  /** The record in the higher epoch {@code next}, to be written because the store lost it. */
  PoolRecord repaired(long next, String replica, String why) {
    return new PoolRecord(
        holder,
        next,
        reason,
        since,
        why,
        replica,
        pinned,
        failbacks,
        failbackEpoch,
        operatorStates,
        operators,
        memory,
        planned,
        owed);
  }
}
