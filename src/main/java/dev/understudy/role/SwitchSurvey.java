package dev.understudy.role;

import dev.understudy.failover.Candidate;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchFacts.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What this replica knows in one step of the {@link RoleMachine} that a planned switch asks for.
 */
record SwitchSurvey(RoleDraft draft) {
  /** The facts for the agreed switch. */
  SwitchFacts of(PlannedSwitch planned) {
    RoleState current = draft.roleState();
    Instant now = draft.view.now();
    SwitchProgress switching = draft.switching;
    return facts(
        draft.view.replicas().releases(),
        planned.to(),
        Duration.between(switching.phase().since(), now),
        planned.phase().pauses() ? Duration.between(switching.pause().since(), now) : Duration.ZERO,
        planned.from().equals(current.serving()) && current.epoch() == planned.epoch() - 1,
        draft.view.silent().contains(planned.from()),
        switching.phase().call());
  }

  /** The facts for a switch from the serving server that has not begun. */
  SwitchFacts before(ServerId to) {
    Map<String, Release> releases = new TreeMap<>(draft.view.replicas().releases());
    releases.replaceAll((replica, told) -> Release.NONE);
    return facts(releases, to, Duration.ZERO, Duration.ZERO, true, false, null);
  }

  private SwitchFacts facts(
      Map<String, Release> releases,
      ServerId to,
      Duration inPhase,
      Duration paused,
      boolean serves,
      boolean silent,
      @Nullable HookResult made) {
    Pool pool = draft.pool();
    return new SwitchFacts(
        draft.view.wall(),
        inPhase,
        paused,
        draft.view.replicas().name(),
        releases,
        draft.view.replicas().deciding(),
        serves,
        silent,
        target(to),
        draft.view.hooks(),
        made == null ? null : made.outcome(),
        made == null ? "" : made.detail(),
        pool.settings().hold().time(),
        pool.protocol() == Protocol.TCP);
  }

  private Target target(ServerId to) {
    Candidate candidate = draft.view.candidate(to);
    if (draft.view.usable().contains(to)) {
      return Target.USABLE;
    }
    boolean gone = draft.pool().server(to) == null && draft.view.search().complete();
    if (gone || (candidate != null && candidate.operatorState() != OperatorState.READY)) {
      return Target.WITHDRAWN;
    }
    if (candidate != null && candidate.awaited()) {
      return Target.UNKNOWN;
    }
    if (candidate == null || !candidate.lastProbeHadResponse()) {
      return Target.UNUSABLE;
    }
    return candidate.behind() == null ? Target.RESPONDS : Target.TOO_FAR_BEHIND;
  }
}
