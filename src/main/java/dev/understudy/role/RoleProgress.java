package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.RoleEvidence;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Hooks;
import dev.understudy.switchover.SwitchFacts.Release;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a pool's role is at one replica: what is agreed on, and what this replica does about it.
 *
 * @param agreed what the replicas agreed on, as far as this one knows
 * @param proposing whether a proposal of this replica is in flight; then no other is made, but news
 *     is taken and decisions of others are adopted
 * @param pending the change that the choice calls for; null if it calls for none
 * @param explanation why the choice stays as it is; null if there is nothing to explain
 * @param evidence what checks that prove the role show of it
 * @param primaries the two primaries that were reported; null once they are reported to be over
 * @param warms whether a server is warmed up
 */
public record RoleProgress(
    AgreedRole agreed,
    boolean proposing,
    @Nullable PendingChange pending,
    @Nullable ChoiceExplanation explanation,
    RoleEvidence evidence,
    ChoiceExplanation.@Nullable TwoPrimaries primaries,
    boolean warms,
    SwitchProgress switching,
    HookProgress hooks) {
  /**
   * A change that the choice calls for.
   *
   * @param epoch the epoch that the change would begin or keep
   * @param since when it was first called for, without a break
   */
  record PendingChange(long epoch, @Nullable ServerId to, Instant since) {
    boolean isFor(long nextEpoch, @Nullable ServerId serving) {
      return epoch == nextEpoch && Objects.equals(to, serving);
    }
  }

  /** Nothing was done about what is agreed on. */
  public static RoleProgress of(AgreedRole agreed, RoleEvidence evidence) {
    return new RoleProgress(
        agreed, false, null, null, evidence, null, false, SwitchProgress.NONE, HookProgress.NONE);
  }

  /** The same after a step with that input has failed: what has ended has ended nevertheless. */
  public RoleProgress afterFailure(RoleInput input) {
    return new RoleProgress(
        agreed,
        proposing && !(input instanceof RoleInput.Proposed),
        pending,
        explanation,
        evidence,
        primaries,
        warms,
        switching,
        input instanceof RoleInput.Called ended ? hooks.ended(ended.number()) : hooks);
  }

  /** The planned switch that is under way, or the last one; null if there was none. */
  public @Nullable PlannedSwitch planned() {
    return agreed.planned();
  }

  /** What is owed, as far as the pool has servers and hooks for it. */
  public OwedHooks owed(Pool inForce) {
    return agreed.owed().in(inForce);
  }

  /** Whether clients are held here for the planned switch. */
  public boolean pausing() {
    return switching.pause().holds();
  }

  /**
   * Whether the end of what runs at the pool's servers is awaited, so that this replica can tell
   * the others that it has left them.
   */
  public boolean awaitsIdle() {
    PlannedSwitch planned = planned();
    return planned != null
        && switching.pause().isToBeTold()
        && !(switching.pause().told() == Release.CALLING && hooks.isCalling(planned));
  }

  /**
   * Whether there is something to tell the others.
   *
   * @param traffic what runs now
   */
  public boolean hasToTell(RoleView.Traffic traffic) {
    PlannedSwitch planned = planned();
    return planned != null
        && switching.pause().toTell(planned.phase(), traffic, hooks.isCalling(planned)) != null;
  }

  /**
   * Whether a planned switch may have fenced that server since then: what is bad there is no
   * failure.
   */
  public boolean isFencedSince(Pool inForce, ServerId server, Instant since) {
    return switching.isFencedSince(planned(), Hooks.of(inForce.settings().hooks()), server, since);
  }
}
