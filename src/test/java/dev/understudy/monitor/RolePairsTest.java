package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SimWorld.MS;
import static dev.understudy.monitor.SimWorld.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.SimHooks.Fate;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.Extent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What may be asked of a role while a hook is owed or runs: all pairs of both, with three replicas.
 * The laws of the simulation hold all the time; at the end somebody serves, nothing is owed, and
 * the server is the one that the row says.
 */
@Tag(Extent.FULL)
class RolePairsTest {
  private static final String MASTERS = "192.0.2.2";
  private static final String BACKUPS = "192.0.2.1";

  /** When the master fails, so that the backup is promoted and the master fenced. */
  private static final long FAILS = 20 * SECOND;

  /** When it is asked for something: the master has been back for a while. */
  private static final long ASKED = 32 * SECOND;

  /** When hooks work again that were failing. */
  private static final long WORKS = ASKED + 20 * SECOND;

  /** What becomes of the hook that is called as the role moves. */
  private enum Running {
    OWED("is refused, and so is owed"),
    RUNNING("runs and is done soon after"),
    HUNG("hangs and ends without a result"),
    FAILING_HERE("fails at the replica that calls first"),
    LATE("is done long after all else"),
    BESIDE("runs for long while the other hook fails");

    private final String words;

    Running(String words) {
      this.words = words;
    }
  }

  /** What is asked; the server that serves in the end, and how a planned switch may end. */
  private enum Asked {
    SWITCH("a planned switch", MASTER, SwitchPhase.MOVED),
    SWITCH_REFUSED("a planned switch that the old server refuses", BACKUP, SwitchPhase.GIVEN_UP),
    SWITCH_BACK("a planned switch whose promotion fails", BACKUP, SwitchPhase.ROLLED_BACK),
    SWITCH_FAILED("a planned switch of which nothing works", MASTER, SwitchPhase.FAILED),
    SWITCH_LATER("a planned switch in 10 s", MASTER, SwitchPhase.MOVED),
    SWITCH_GIVEN_UP("a planned switch that is given up", BACKUP, SwitchPhase.GIVEN_UP),
    SWITCH_NOW("a switch without a plan", MASTER, null),
    FAILOVER("a failover", MASTER, null),
    FAILBACK("a failback", MASTER, SwitchPhase.MOVED),
    MAINTENANCE("maintenance of the serving server", MASTER, null),
    SERVER_GONE("a file without the server that was left", BACKUP, null),
    HOOKS_GONE("a file without the hooks", BACKUP, null),
    POOL_GONE("a file without the pool, and one with it", BACKUP, null),
    HANDOVER("a handover of the replica that calls", BACKUP, null),
    KILL("the end of the replica that calls", BACKUP, null),
    FREEZE("a standstill of the replica that calls", BACKUP, null),
    SUSPEND("the sleep of the machine with the replica that calls", BACKUP, null),
    CUT("the way of the replica that calls to the store", BACKUP, null);

    /** Whether a replica may not know what another one does. */
    boolean isOfReplicas() {
      return compareTo(POOL_GONE) >= 0;
    }

    private final String words;
    private final ServerId serves;
    private final @Nullable SwitchPhase ends;

    Asked(String words, ServerId serves, @Nullable SwitchPhase ends) {
      this.words = words;
      this.serves = serves;
      this.ends = ends;
    }
  }

  /** The whole product is for the long run; here each of both has its rows. */
  static Stream<Arguments> pairs() {
    List<Arguments> all = new ArrayList<>();
    for (String hook : List.of("promote", "demote")) {
      for (boolean required : new boolean[] {false, true}) {
        for (Running running : Running.values()) {
          for (Asked asked : Asked.values()) {
            all.add(Arguments.of(hook, required, running, asked));
          }
        }
      }
    }
    return Extent.sample(all).stream();
  }

  @ParameterizedTest(name = "{0} (required {1}) {2}, {3}")
  @MethodSource("pairs")
  void a_role_ends_where_it_should(String hook, boolean required, Running running, Asked asked) {
    new Pair(hook, required, running, asked).play();
  }

  /** One row. */
  private static final class Pair {
    private final String hook;
    private final boolean required;
    private final Running running;
    private final Asked asked;
    private final Pool file;
    private final AgreementSimulation simulation;
    private final SimWorld world;
    private final Set<String> calledFirst = new HashSet<>();

    Pair(String hook, boolean required, Running running, Asked asked) {
      this.hook = hook;
      this.required = required;
      this.running = running;
      this.asked = asked;
      Policy policy = asked == Asked.FAILBACK ? Policy.IMMEDIATE : Policy.MANUAL;
      HookSettings hooks = new HookSettings(hook(false), hook(required));
      this.file = SensePool.with(SensePool.with(SensePool.sense(), policy), hooks);
      this.simulation = new AgreementSimulation(file);
      this.world = simulation.world;
      simulation.hooks.follow(this::fate);
    }

    private static Hook hook(boolean required) {
      Duration timeout = Duration.ofSeconds(5);
      return new Hook("http://hooks.test/", List.of(), Map.of(), timeout, required);
    }

    void play() {
      simulation.run(
          () -> {
            world.at(FAILS, () -> simulation.server(MASTERS, Behaviour.KILLED, 4 * SECOND));
            world.at(ASKED, this::ask);
          },
          ASKED + 160 * SECOND);
      check();
    }

    private void check() {
      for (SimReplica replica : simulation.replicas) {
        PoolState pool = Objects.requireNonNull(replica.pool());
        SwitchPhase phase = pool.planned() == null ? null : pool.planned().phase();
        Set<ServerId> may = new HashSet<>(Set.of(asked.serves));
        Set<@Nullable SwitchPhase> ends = new HashSet<>();
        ends.add(asked.ends);
        if (asked.ends != null) {
          ends.add(SwitchPhase.GIVEN_UP); // A hook ran for longer than the pause.
        }
        if (phase == SwitchPhase.GIVEN_UP) {
          may.add(BACKUP);
        }
        if (isFirstChoiceOpen()) {
          may.addAll(Set.of(MASTER, BACKUP));
          ends.add(null);
        }
        assertThat(pool.serving()).as(world.story()).isNotNull();
        assertThat(pool.serving().server().id()).as(world.story()).isIn(may);
        assertThat(phase).as(world.story()).isIn(ends);
      }
    }

    /** Nobody serves when it is asked: whoever is promoted first serves. */
    private boolean isFirstChoiceOpen() {
      return required
          && (running == Running.BESIDE
              || (hook.equals("promote") && running != Running.FAILING_HERE));
    }

    private Fate fate(SimReplica replica, HookCall call) {
      Fate good = new Fate(20 * MS, Call.DONE);
      Fate refused = new Fate(20 * MS, Call.REFUSED);
      if (call.planned()) {
        boolean fence = asked == Asked.SWITCH_REFUSED && !call.promote();
        boolean forth =
            (asked == Asked.SWITCH_BACK || asked == Asked.SWITCH_FAILED)
                && call.promote()
                && call.server().id().equals(MASTER);
        boolean back =
            asked == Asked.SWITCH_FAILED && call.promote() && call.server().id().equals(BACKUP);
        return fence || forth || back ? refused : good;
      }
      if (!asked.isOfReplicas()) {
        List<SimReplica> calling =
            simulation.hooks.calling(call.hook(), call.server().id().value());
        assertThat(calling).as("calls of %s at one server", call.hook()).hasSize(1);
      }
      if (call.epoch() != 2 + (call.pool().settings().hooks().promotesFirst() ? 1 : 0)) {
        return good;
      }
      if (!call.hook().equals(hook)) {
        return running == Running.BESIDE && world.now() < WORKS ? refused : good;
      }
      calledFirst.add(replica.name);
      boolean first = calledFirst.size() == 1;
      return switch (running) {
        case OWED -> world.now() < WORKS ? refused : good;
        case RUNNING, BESIDE -> new Fate(14 * SECOND, Call.DONE);
        case HUNG -> world.now() < WORKS ? new Fate(30 * SECOND, Call.UNCERTAIN) : good;
        case FAILING_HERE -> first ? refused : good;
        case LATE -> new Fate(45 * SECOND, Call.DONE);
      };
    }

    private SimReplica caller() {
      return simulation.replicas.stream()
          .filter(each -> calledFirst.contains(each.name))
          .findFirst()
          .orElseGet(simulation.replicas::getFirst);
    }

    private void ask() {
      SimReplica one = simulation.replicas.getLast();
      simulation.commanded();
      switch (asked) {
        case SWITCH, SWITCH_REFUSED, SWITCH_BACK, SWITCH_FAILED -> plan(one, 0);
        case SWITCH_LATER -> plan(one, 10);
        case SWITCH_GIVEN_UP -> {
          plan(one, 0);
          world.in(100 * MS, () -> one.monitor.commands().giveUpSwitch(SENSE, null));
        }
        case SWITCH_NOW -> one.monitor.commands().switchTo(SENSE, MASTER, null);
        case FAILOVER -> {
          simulation.hooks.disturbed(20 * SECOND);
          simulation.server(BACKUPS, Behaviour.KILLED, 20 * SECOND);
        }
        case FAILBACK -> {} // It comes by itself.
        case MAINTENANCE ->
            one.monitor.commands().setState(SENSE, BACKUP, OperatorState.MAINTENANCE, true, null);
        case SERVER_GONE ->
            simulation.takeFile(SensePool.with(file, SensePool.backup(BACKUPS)), 500);
        case HOOKS_GONE -> simulation.takeFile(SensePool.with(file, HookSettings.NONE), 500);
        case POOL_GONE -> {
          one.monitor.apply(List.of());
          world.in(2 * SECOND, () -> one.monitor.apply(List.of(file)));
        }
        case HANDOVER -> simulation.handOver(caller());
        case KILL -> simulation.kill(caller());
        case FREEZE -> simulation.pause(caller(), 10 * SECOND, false);
        case SUSPEND -> simulation.pause(caller(), 10 * SECOND, true);
        case CUT -> simulation.cutStore(caller(), 15 * SECOND);
      }
    }

    private void plan(SimReplica one, int seconds) {
      one.monitor
          .commands()
          .planSwitch(
              SENSE,
              new SwitchRequest(
                  MASTER,
                  Duration.ofSeconds(10),
                  false,
                  seconds == 0 ? null : one.now().plusSeconds(seconds),
                  null));
    }
  }
}
