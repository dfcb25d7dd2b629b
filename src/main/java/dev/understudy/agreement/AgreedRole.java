package dev.understudy.agreement;

import dev.understudy.failover.Choice;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Server;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Hooks;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the replicas agreed on about a pool's role, as far as this replica knows.
 *
 * @param decision the last change of the serving server
 * @param identity of the serving server, see {@link #isOf}; null if its name is enough
 * @param operators the operators behind the last change and the pin
 * @param planned the planned switch that is under way, or the last one; null if there was none
 * @param owed the calls of hooks that are owed since the role moved without a plan
 */
public record AgreedRole(
    RoleState roleState,
    Decision decision,
    @Nullable ServerIdentity identity,
    RoleOperators operators,
    @Nullable PlannedSwitch planned,
    OwedHooks owed) {
  /**
   * Why the serving server is the one that it is.
   *
   * @param reason null before the first change
   * @param since time of the change, by the clock of the replica that decided
   * @param evidence the observations behind the reason, for people, in the words of the replica
   *     that decided
   * @param by the replica that decided; null if this one decides alone
   */
  public record Decision(
      @Nullable SwitchReason reason, Instant since, String evidence, @Nullable String by) {}

  /** An agreement of this replica alone that no operator caused. */
  public AgreedRole(
      RoleState roleState, @Nullable SwitchReason reason, Instant since, String evidence) {
    this(
        roleState,
        new Decision(reason, since, evidence, null),
        null,
        RoleOperators.NONE,
        null,
        OwedHooks.NONE);
  }

  /** The agreement that a choice calls for; {@code now} is its time. */
  public static AgreedRole upon(Choice.Switch choice, Instant now) {
    return new AgreedRole(choice.roleState(), choice.reason(), now, choice.evidence());
  }

  /**
   * The agreement that a choice without a plan calls for, with the calls of hooks that it leaves.
   */
  public AgreedRole moved(Choice.Switch choice, Hooks hooks, Instant now) {
    boolean told = choice.reason() != SwitchReason.INITIAL;
    return upon(choice, now).with(owed.moved(choice.from(), choice.to(), told, hooks, now));
  }

  /** The state before the first agreement. */
  public static AgreedRole nothing(Instant now) {
    return new AgreedRole(RoleState.NONE, null, now, "");
  }

  /** Whether {@code server} serves: a changed file may have given its name to another. */
  public boolean isOf(Server server) {
    return server.id().equals(roleState.serving())
        && (identity == null || identity.equals(ServerIdentity.of(server)));
  }

  /** Whether both give the role to one server, in one epoch. */
  public boolean isSameHolder(AgreedRole other) {
    return roleState.epoch() == other.roleState.epoch()
        && Objects.equals(roleState.serving(), other.roleState.serving())
        && Objects.equals(identity, other.identity);
  }

  public @Nullable SwitchReason reason() {
    return decision.reason();
  }

  public Instant since() {
    return decision.since();
  }

  public String evidence() {
    return decision.evidence();
  }

  public @Nullable String decidedBy() {
    return decision.by();
  }

  /** The same agreement with another role state. */
  public AgreedRole with(RoleState next) {
    return new AgreedRole(next, decision, identity, operators, planned, owed);
  }

  /** The same agreement by another decision. */
  public AgreedRole with(Decision next) {
    return new AgreedRole(roleState, next, identity, operators, planned, owed);
  }

  /** The same agreement with that identity of the serving server. */
  public AgreedRole with(@Nullable ServerIdentity next) {
    return new AgreedRole(roleState, decision, next, operators, planned, owed);
  }

  /** The same agreement with other operators. */
  public AgreedRole with(RoleOperators next) {
    return new AgreedRole(roleState, decision, identity, next, planned, owed);
  }

  /** The same agreement with another planned switch. */
  public AgreedRole with(@Nullable PlannedSwitch next) {
    return new AgreedRole(roleState, decision, identity, operators, next, owed);
  }

  /** The same agreement with other calls of hooks that are owed. */
  public AgreedRole with(OwedHooks next) {
    return new AgreedRole(roleState, decision, identity, operators, planned, next);
  }

  /** After an operator pinned the serving server, or ended the pin; {@code next} is without. */
  public AgreedRole withPin(RoleState next, @Nullable Operator by) {
    return with(next).with(operators.withPin(by));
  }
}
