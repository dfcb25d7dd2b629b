package dev.understudy.failover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Both cores together, in a long run of random probes, traffic, operators, files and restarts. */
@Tag(Extent.FULL)
class CoresRandomTest {
  private static final int STEPS = 100_000;
  private static final ServerId[] IDS = {Cast.BACKUP, Cast.MASTER, Cast.BACKUP2, Cast.MASTER2};

  private final long seed = Long.getLong("understudy.test.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final Map<ServerId, Actor> actors = new LinkedHashMap<>();
  private final Set<SwitchReason> seen = EnumSet.noneOf(SwitchReason.class);
  private FailbackSettings failback = FailbackSettings.DEFAULT;
  private RoleState roleState = RoleState.NONE;
  private Instant now = Cast.ZERO;
  private boolean servedForWantOfAnother;
  private boolean waited;

  @Test
  void invariants_hold_over_many_random_steps() {
    System.out.println("CoresRandomTest: -Dunderstudy.test.seed=" + seed);
    for (ServerId id : IDS) {
      actors.put(id, new Actor(random, now));
    }
    int least = Extent.rounds(STEPS);
    for (int step = 0; step < STEPS && (step < least || !metAll()); step++) {
      try {
        something();
        choose();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ", step " + step + ", " + roleState, e);
      }
    }
    assertThat(seen)
        .as("the run met every reason")
        .containsExactlyInAnyOrder(SwitchReason.values());
    assertThat(servedForWantOfAnother).as("the run met the NO_SERVER row").isTrue();
    assertThat(waited).as("the run met a failback that had to wait").isTrue();
  }

  /** Whether what is rare has come, so that a short run may end. */
  private boolean metAll() {
    return seen.size() == SwitchReason.values().length && servedForWantOfAnother && waited;
  }

  private void something() {
    now = now.plusMillis(1 + random.nextInt(random.nextInt(50) == 0 ? 20_000 : 150));
    Actor actor = actors.get(IDS[random.nextInt(IDS.length)]);
    int dice = random.nextInt(1_000);
    if (dice < 400) {
      actor.startProbe(now);
    } else if (dice < 800) {
      actor.endProbe(now);
    } else if (dice < 900) {
      actor.traffic(now);
    } else if (dice < 930) {
      actor.well = !actor.well;
    } else if (dice < 950) {
      OperatorState[] states = OperatorState.values();
      actor.state = random.nextBoolean() ? OperatorState.READY : states[random.nextInt(3)];
    } else if (dice < 965) {
      actor.open = random.nextInt(3) == 0;
    } else if (dice < 975) {
      actor.voidProbe();
    } else if (dice < 987) {
      reload(actor);
    } else if (dice < 997) {
      operatorSwitch();
    } else {
      restart();
    }
  }

  private void reload(Actor actor) {
    switch (random.nextInt(4)) {
      case 0 -> actor.reload();
      case 1, 2 -> {
        actor.renew(now);
        actor.changed = true;
        // Away or back, but never the last one away.
        actor.present ^= random.nextBoolean() && (!actor.present || present().size() > 1);
      }
      default ->
          failback =
              TestSettings.failback(
                  Policy.values()[random.nextInt(3)], Duration.ofSeconds(random.nextInt(30)));
    }
  }

  private void restart() {
    for (Actor actor : actors.values()) {
      actor.renew(now);
      actor.restarted = true;
    }
    if (random.nextInt(10) == 0) {
      roleState = RoleState.NONE;
    }
  }

  private void operatorSwitch() {
    if (random.nextBoolean()) {
      roleState = roleState.unpinned();
      return;
    }
    ServerId to = IDS[random.nextInt(IDS.length)];
    boolean usable = Failover.usable(pool(), view()).contains(to);
    var choice = Failover.switchTo(pool(), view(), roleState, to);
    assertThat(choice.isPresent()).isEqualTo(usable);
    choice.ifPresent(
        chosen -> {
          checkEpoch(chosen);
          assertThat(chosen.roleState().pinned()).isEqualTo(to);
          roleState = chosen.roleState();
        });
  }

  private void choose() {
    Choice choice = Failover.choose(pool(), view(), roleState, now);
    checkEpoch(choice);
    if (choice instanceof Choice.Switch change) {
      checkReason(change);
      seen.add(change.reason());
    }
    roleState = choice.roleState();
    actors.values().forEach(actor -> actor.changed = false);
    checkServing();
    checkLookAgain(choice.lookAgain());
    assertThat(Failover.choose(pool(), view(), roleState, now))
        .as("the choice is stable")
        .isInstanceOf(Choice.Stay.class);
  }

  private void checkEpoch(Choice choice) {
    switch (choice) {
      case Choice.Stay stay -> {
        assertThat(stay.roleState().serving()).isEqualTo(roleState.serving());
        assertThat(stay.roleState().epoch()).isEqualTo(roleState.epoch());
      }
      case Choice.Switch change -> {
        assertThat(change.from()).isEqualTo(roleState.serving()).isNotEqualTo(change.to());
        assertThat(change.to()).isEqualTo(change.roleState().serving());
        assertThat(change.roleState().epoch()).isEqualTo(roleState.epoch() + 1);
        assertThat(change.evidence()).isNotBlank();
      }
    }
  }

  private void checkReason(Choice.Switch change) {
    Set<ServerId> usable = Failover.usable(pool(), view());
    Actor from = change.from() == null ? null : actors.get(change.from());
    boolean holds =
        switch (change.reason()) {
          case INITIAL -> from == null && roleState.epoch() == 0;
          case RECOVERED -> from == null && roleState.epoch() > 0;
          case HEALTH_CHECK_FAILED ->
              from.health().status() == HealthStatus.DOWN && !from.health().connectionFailed();
          case CONNECTION_FAILED ->
              from.health().status() == HealthStatus.DOWN && from.health().connectionFailed();
          case CIRCUIT_OPEN -> from.health().status() == HealthStatus.UP && from.open;
          case OPERATOR -> from.state != OperatorState.READY;
          case NO_SERVER -> change.to() == null && usable.isEmpty();
          case CONFIGURATION -> from.changed || !from.present;
          case FAILBACK ->
              usable.contains(change.from())
                  && rank(change.to()) == Rank.MASTER
                  && rank(change.from()) == Rank.BACKUP
                  && roleState.pinned() == null
                  && failback.policy() != Policy.MANUAL
                  && !actors.get(change.to()).open;
        };
    assertThat(holds).as("%s", change).isTrue();
    assertThat(change.to() == null || usable.contains(change.to())).as("%s", change).isTrue();
    assertThat(change.to() == null).isEqualTo(change.reason() == SwitchReason.NO_SERVER);
  }

  /** A server that is not usable serves only by the NO_SERVER row, or until its first probe. */
  private void checkServing() {
    Set<ServerId> usable = Failover.usable(pool(), view());
    ServerId serving = roleState.serving();
    if (serving == null) {
      assertThat(usable.isEmpty() || someFirstProbeIsAwaited()).isTrue();
    } else if (!usable.contains(serving)) {
      Actor actor = actors.get(serving);
      assertThat(actor.present && actor.state == OperatorState.READY).isTrue();
      if (actor.health().status() == HealthStatus.UNKNOWN) {
        assertThat(actor.restarted).isTrue();
      } else {
        assertThat(usable).isEmpty();
        boolean answered = actor.health().lastProbeHadResponse();
        assertThat(answered || someFirstProbeIsAwaited()).isTrue();
        servedForWantOfAnother |= answered;
      }
    }
  }

  private boolean someFirstProbeIsAwaited() {
    return present().values().stream()
        .anyMatch(
            a -> a.state == OperatorState.READY && a.health().status() == HealthStatus.UNKNOWN);
  }

  /** Time alone changes the choice exactly when it says so. */
  private void checkLookAgain(Instant lookAgain) {
    if (lookAgain == null) {
      assertThat(Failover.choose(pool(), view(), roleState, now.plus(Duration.ofDays(1))))
          .isInstanceOf(Choice.Stay.class);
      return;
    }
    waited = true;
    assertThat(lookAgain).isAfter(now);
    assertThat(Failover.choose(pool(), view(), roleState, lookAgain.minusNanos(1)))
        .isInstanceOf(Choice.Stay.class);
    assertThat(Failover.choose(pool(), view(), roleState, lookAgain))
        .isInstanceOfSatisfying(
            Choice.Switch.class,
            change -> assertThat(change.reason()).isEqualTo(SwitchReason.FAILBACK));
  }

  private static Rank rank(ServerId id) {
    return id.value().startsWith("master") ? Rank.MASTER : Rank.BACKUP;
  }

  private Map<ServerId, Actor> present() {
    Map<ServerId, Actor> present = new LinkedHashMap<>(actors);
    present.values().removeIf(actor -> !actor.present);
    return present;
  }

  private Pool pool() {
    return Cast.pool(PoolMode.FAILOVER, failback, present().keySet().toArray(ServerId[]::new));
  }

  private Map<ServerId, Candidate> view() {
    Map<ServerId, Candidate> view = new LinkedHashMap<>();
    present().forEach((id, actor) -> view.put(id, actor.candidate()));
    return view;
  }
}
