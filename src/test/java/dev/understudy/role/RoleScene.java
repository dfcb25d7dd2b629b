package dev.understudy.role;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.database.DatabaseEvidence;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackFitness;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.TestPools;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A pool with hooks whose old server serves in epoch 7, and a planned switch to the new one. */
final class RoleScene {
  static final ServerId OLD = new ServerId("old");
  static final ServerId NEW = new ServerId("new");
  static final ServerId THIRD = new ServerId("third");
  static final Instant NOW = Instant.parse("2026-11-29T09:00:00Z");

  private static final Hook HOOK =
      new Hook("http://hooks.test/", List.of(), Map.of(), Duration.ofSeconds(5), false);

  static final Pool POOL =
      TestPools.pool()
          .master(NEW.value(), 8080)
          .backup(OLD.value(), 8081)
          .backup(THIRD.value(), 8082)
          .hooks(new HookSettings(HOOK, HOOK))
          .build();

  private RoleScene() {}

  /** A switch that begins epoch 8, in that phase. */
  static PlannedSwitch planned(SwitchPhase phase, boolean failback) {
    return new PlannedSwitch(
        "7-x",
        OLD,
        new SwitchRequest(NEW, Duration.ofSeconds(10), false, null, null, failback, false),
        8,
        "a",
        phase == SwitchPhase.SCHEDULED ? Set.of() : Set.of("a"),
        false,
        List.of(new PlannedSwitch.Stage(phase, NOW, "for a reason")));
  }

  static AgreedRole agreed(@Nullable PlannedSwitch planned) {
    RoleState serving = new RoleState(OLD, 7, null, 0, null, RoleMemory.NONE);
    return new AgreedRole(serving, SwitchReason.INITIAL, NOW, "evidence").with(planned);
  }

  /** A look at the pool, all of whose servers are UP. */
  static RoleView view() {
    return view(NOW, Optional.empty());
  }

  /** The same at that time, out of touch for that reason. */
  static RoleView view(Instant now, Optional<String> outOfTouch) {
    Map<ServerId, Candidate> up = new HashMap<>();
    for (Server server : POOL.servers()) {
      up.put(
          server.id(),
          new Candidate(
              HealthStatus.UP,
              NOW,
              true,
              false,
              false,
              OperatorState.READY,
              false,
              FailbackFitness.BY_TIME,
              "UP"));
    }
    return new RoleView(
        now,
        now,
        POOL,
        up,
        up,
        DatabaseEvidence.NONE,
        Map.of(),
        Set.of(),
        OperatorStates.NONE,
        new RoleView.Replicas(
            "a",
            false,
            outOfTouch,
            Optional.of(Duration.ZERO),
            Optional.of(Duration.ZERO),
            Map.of("a", Release.NONE),
            Set.of("a"),
            true,
            Optional.empty()),
        RoleView.Traffic.NONE,
        new RoleView.Search(false, true),
        0);
  }

  static RoleDraft draft(AgreedRole agreed) {
    return new RoleDraft(RoleProgress.of(agreed, DatabaseEvidence.NONE), view());
  }
}
