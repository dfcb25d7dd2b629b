package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.AgreedRole.Decision;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.RenamedPool;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The agreement on one pool, as the register holds it.
 *
 * @param agreed without the time of the last failback, for which each replica has its own clock;
 *     its identity is the holder, null if nobody serves
 * @param failbackEpoch the epoch that the last failback began; 0 if there was none
 * @param operatorStates operator states of the pool and its servers, and who set them
 */
record PoolRecord(AgreedRole agreed, long failbackEpoch, OperatorStates operatorStates) {
  /** The absence of a record. */
  static final PoolRecord NONE =
      new PoolRecord(
          AgreedRole.nothing(Instant.EPOCH).with(new Decision(null, Instant.EPOCH, "", "")),
          0,
          OperatorStates.NONE);

  PoolRecord {
    RoleState role = agreed.roleState();
    Decision decision = agreed.decision();
    ServerIdentity holder = agreed.identity();
    ServerId serving = holder == null || role.epoch() == 0 ? null : holder.id();
    ServerId pinned = role.pinned() == null ? null : serving;
    // As registers keep it, for equality.
    Instant since = decision.since().truncatedTo(ChronoUnit.MICROS);
    agreed =
        agreed
            .with(
                new RoleState(serving, role.epoch(), pinned, role.failbacks(), null, role.memory()))
            .with(new Decision(decision.reason(), since, decision.evidence(), decision.by()));
  }

  /** The serving server; null if there is none. */
  @Nullable ServerIdentity holder() {
    return agreed.identity();
  }

  /** The serving server's name; null if there is none. */
  @Nullable ServerId serving() {
    return agreed.roleState().serving();
  }

  /** Counts the changes of the holder; 0 if there was none yet. */
  long epoch() {
    return agreed.roleState().epoch();
  }

  /** Whether an operator switched to the holder. */
  boolean pinned() {
    return agreed.roleState().pinned() != null;
  }

  /** The replica that wrote the last change; empty if it is not known. */
  String decidedBy() {
    return Objects.requireNonNullElse(agreed.decidedBy(), "");
  }

  @Nullable PlannedSwitch planned() {
    return agreed.planned();
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
    if (isEmpty() || (found != null && found.epoch() > epoch())) {
      return true;
    }
    return found != null && found.epoch() == epoch() && Objects.equals(found.holder(), holder());
  }

  /** Whether it says nothing: no epoch and no operator states. */
  boolean isEmpty() {
    return epoch() == 0 && operatorStates.isReady();
  }

  /**
   * The role state on which the choice works.
   *
   * @param lastFailback when this replica saw the last failback, by its own clock
   */
  RoleState roleState(@Nullable Instant lastFailback) {
    return agreed.roleState().with(lastFailback);
  }

  AgreedRole agreed(@Nullable Instant lastFailback) {
    return agreed.with(roleState(lastFailback));
  }

  /** Whether a failback ended without moving the role, which {@code before} does not know. */
  boolean gaveFailbackUp(PoolRecord before) {
    PlannedSwitch ended = planned();
    PlannedSwitch known = before.planned();
    return ended != null
        && ended.isFailedFailback()
        && (known == null || !known.id().equals(ended.id()) || !known.isFailedFailback());
  }

  /** The record after {@code next} is agreed on; operator states stay. */
  PoolRecord next(AgreedRole next, @Nullable ServerIdentity holder, String replica) {
    long begun = next.roleState().epoch();
    boolean same = begun == epoch();
    boolean failback = next.reason() == SwitchReason.FAILBACK && !same;
    Decision decision =
        new Decision(next.reason(), next.since(), next.evidence(), same ? decidedBy() : replica);
    RoleOperators operators =
        same ? agreed.operators().withPin(next.operators().ofPin()) : next.operators();
    return new PoolRecord(
        next.with(decision).with(holder).with(operators),
        failback ? begun : failbackEpoch,
        operatorStates);
  }

  /** The record of the same pool under another name; see {@link RenamedPool#of(AgreedRole)}. */
  PoolRecord renamed(RenamedPool renamed) {
    return new PoolRecord(renamed.of(agreed), failbackEpoch, renamed.of(operatorStates));
  }

  /** The record with other operator states. */
  PoolRecord with(OperatorStates next) {
    return new PoolRecord(agreed, failbackEpoch, next);
  }

  /** The record in the higher epoch {@code next}, to be written because the store lost it. */
  PoolRecord repaired(long next, String replica, String why) {
    Decision decision = new Decision(agreed.reason(), agreed.since(), why, replica);
    return new PoolRecord(
        agreed.with(agreed.roleState().inEpoch(next)).with(decision),
        failbackEpoch,
        operatorStates);
  }
}
