package dev.understudy.switchover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchFacts.Hooks;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchFacts.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlannedSwitchTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:00:00Z");
  private static final ServerId OLD = new ServerId("db-1");
  private static final ServerId NEW = new ServerId("db-2");
  private static final Hooks BOTH = new Hooks(true, true);
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final String WAIT = "wait";

  /** Facts of replica {@code a}, beside which {@code b} lives, in any phase. */
  private static final class Given {
    private final SwitchPhase phase;
    private String driver = "a";
    private boolean force;
    private boolean cut;
    private @Nullable Instant at;
    private Duration inPhase = Duration.ZERO;
    private Duration paused = Duration.ZERO;
    private final Map<String, Release> replicas =
        new TreeMap<>(Map.of("a", Release.NONE, "b", Release.NONE));
    private boolean serves = true;
    private Target target = Target.USABLE;
    private Hooks hooks = Hooks.NONE;
    private @Nullable Call call;
    private String detail = "";
    private Duration holdTime = Duration.ofSeconds(60);
    private boolean tcp;

    private Given(SwitchPhase phase) {
      this.phase = phase;
    }

    Given driver(String value) {
      driver = value;
      return this;
    }

    Given force() {
      force = true;
      return this;
    }

    Given cut() {
      cut = true;
      return this;
    }

    Given at(Instant value) {
      at = value;
      return this;
    }

    /** The time since PAUSING, and since the present phase began. */
    Given after(long millis) {
      inPhase = Duration.ofMillis(millis);
      paused = inPhase;
      return this;
    }

    Given replica(String name, Release release) {
      replicas.put(name, release);
      return this;
    }

    Given gone(String name) {
      replicas.remove(name);
      return this;
    }

    Given released() {
      return replica("a", Release.RELEASED).replica("b", Release.RELEASED);
    }

    Given moved() {
      serves = false;
      return this;
    }

    Given target(Target value) {
      target = value;
      return this;
    }

    Given hooks(Hooks value) {
      hooks = value;
      return this;
    }

    Given call(Call value) {
      call = value;
      return this;
    }

    Given detail(String value) {
      detail = value;
      return this;
    }

    Given holdTime(long millis) {
      holdTime = Duration.ofMillis(millis);
      return this;
    }

    Given tcp() {
      tcp = true;
      return this;
    }

    PlannedSwitch planned() {
      return new PlannedSwitch(
          "7-x",
          OLD,
          new SwitchRequest(NEW, PAUSE, force, at, null),
          8,
          driver,
          phase == SwitchPhase.SCHEDULED ? Set.of() : Set.of("a", "b"),
          cut,
          List.of(new PlannedSwitch.Stage(phase, NOW, "so far")));
    }

    SwitchStep step() {
      return planned()
          .step(
              new SwitchFacts(
                  NOW, inPhase, paused, "a", replicas, serves, target, hooks, call, detail,
                  holdTime, tcp));
    }

    /** The step in one line. */
    String result() {
      return switch (step()) {
        case SwitchStep.Wait wait ->
            wait.lookAgain() == null ? WAIT : WAIT + " " + wait.lookAgain().toMillis();
        case SwitchStep.Write write ->
            write.next().phase()
                + (write.next().cut() ? " cut" : "")
                + (write.next().driver().equals(driver) ? "" : " driver " + write.next().driver())
                + (write.inTurn() ? " in turn" : "");
        case SwitchStep.Call made ->
            (made.promote() ? "promote " : "demote ")
                + made.server()
                + " epoch "
                + made.epoch()
                + " within "
                + made.within().toMillis();
      };
    }
  }

  private static Given in(SwitchPhase phase) {
    return new Given(phase);
  }

  private static Arguments row(String sentence, Given given, String expected) {
    return arguments(sentence, given, expected);
  }

  static Stream<Arguments> steps() {
    return Stream.of(
        row(
            "a scheduled switch waits for its time",
            in(SwitchPhase.SCHEDULED).at(NOW.plusSeconds(60)),
            "wait 60000"),
        row(
            "a scheduled switch begins by the clock of the replica that was asked",
            in(SwitchPhase.SCHEDULED).at(NOW).driver("b"),
            WAIT),
        row(
            "a scheduled switch begins by any clock if the replica that was asked is gone",
            in(SwitchPhase.SCHEDULED).at(NOW).driver("b").gone("b"),
            "PAUSING driver a in turn"),
        row(
            "a scheduled switch begins at its time",
            in(SwitchPhase.SCHEDULED).at(NOW),
            "PAUSING in turn"),
        row(
            "a scheduled switch to a server that is not usable then is given up",
            in(SwitchPhase.SCHEDULED).at(NOW).target(Target.RESPONDS),
            "GIVEN_UP in turn"),
        row(
            "a scheduled switch from a server that serves no more is given up before its time",
            in(SwitchPhase.SCHEDULED).at(NOW.plusSeconds(60)).moved(),
            "GIVEN_UP in turn"),
        row(
            "a pause waits for the replicas for half its time",
            in(SwitchPhase.PAUSING).after(1_000).replica("a", Release.RELEASED),
            "wait 4000"),
        row(
            "a pause waits for nine tenths of hold.time at most",
            in(SwitchPhase.PAUSING).after(1_000).holdTime(2_000),
            "wait 800"),
        row(
            "a pause ends with MOVED once all replicas have released the server",
            in(SwitchPhase.PAUSING).released(),
            "MOVED in turn"),
        row(
            "a replica that joined is waited for",
            in(SwitchPhase.PAUSING).released().replica("c", Release.NONE),
            "wait 5000"),
        row(
            "a replica that vanished is waited for, as it may still send",
            in(SwitchPhase.PAUSING).released().gone("b"),
            "wait 5000"),
        row(
            "a released server is fenced if there is a hook for that",
            in(SwitchPhase.PAUSING).released().hooks(BOTH),
            "FENCING in turn"),
        row(
            "a released server need not be fenced without a hook for that",
            in(SwitchPhase.PAUSING).released().hooks(new Hooks(false, true)),
            "PROMOTING in turn"),
        row(
            "a pause whose time is over is given up",
            in(SwitchPhase.PAUSING).after(5_000),
            "GIVEN_UP in turn"),
        row(
            "a pause whose time is over cuts the rest with force",
            in(SwitchPhase.PAUSING).after(5_000).force(),
            "PAUSING cut in turn"),
        row(
            "a pause whose time is over cuts TCP connections",
            in(SwitchPhase.PAUSING).after(5_000).tcp(),
            "PAUSING cut in turn"),
        row(
            "what was cut has a quarter of the pause to end",
            in(SwitchPhase.PAUSING).after(5_000).force().cut(),
            "wait 2500"),
        row(
            "what was cut and does not end is given up",
            in(SwitchPhase.PAUSING).after(7_500).force().cut(),
            "GIVEN_UP cut in turn"),
        row(
            "a full hold gives the switch up",
            in(SwitchPhase.PAUSING).replica("b", Release.FULL),
            "GIVEN_UP in turn"),
        row(
            "a failover during the pause gives the switch up",
            in(SwitchPhase.PAUSING).released().moved(),
            "GIVEN_UP in turn"),
        row(
            "a target that fails during the pause gives the switch up",
            in(SwitchPhase.PAUSING).released().target(Target.UNUSABLE),
            "GIVEN_UP in turn"),
        row(
            "a target that is to be promoted need not be usable yet",
            in(SwitchPhase.PAUSING).released().hooks(BOTH).target(Target.RESPONDS),
            "FENCING in turn"),
        row(
            "a target that is to be promoted must respond",
            in(SwitchPhase.PAUSING).released().hooks(BOTH).target(Target.UNUSABLE),
            "GIVEN_UP in turn"),
        row(
            "a target whose first probe is in flight is awaited once the server is released",
            in(SwitchPhase.PAUSING).released().target(Target.UNKNOWN),
            "PROMOTING in turn"),
        row(
            "fencing calls demote",
            in(SwitchPhase.FENCING).after(1_000).hooks(BOTH),
            "demote db-1 epoch 8 within 9000"),
        row(
            "fencing awaits demote",
            in(SwitchPhase.FENCING).after(1_000).hooks(BOTH).call(Call.RUNNING),
            "wait 9000"),
        row(
            "a fenced server gives way to promotion",
            in(SwitchPhase.FENCING).hooks(BOTH).call(Call.DONE),
            "PROMOTING"),
        row(
            "a fenced server gives way to a usable one that needs no promotion",
            in(SwitchPhase.FENCING).hooks(new Hooks(true, false)).call(Call.DONE),
            "MOVED"),
        row(
            "a fenced server gives way to one whose check is awaited",
            in(SwitchPhase.FENCING)
                .hooks(new Hooks(true, false))
                .call(Call.DONE)
                .target(Target.RESPONDS),
            "PROMOTING"),
        row(
            "a refused demote gives the switch up",
            in(SwitchPhase.FENCING).hooks(BOTH).call(Call.REFUSED),
            "GIVEN_UP"),
        row(
            "a demote that may have had an effect is rolled back",
            in(SwitchPhase.FENCING).hooks(BOTH).call(Call.UNCERTAIN),
            "ROLLING_BACK"),
        row(
            "a demote that does not end within the pause is rolled back",
            in(SwitchPhase.FENCING).after(10_000).hooks(BOTH).call(Call.RUNNING),
            "ROLLING_BACK"),
        row(
            "a server that serves no more when it is fenced is rolled back",
            in(SwitchPhase.FENCING).hooks(BOTH).moved(),
            "ROLLING_BACK"),
        row(
            "promoting calls promote",
            in(SwitchPhase.PROMOTING).after(2_000).hooks(BOTH),
            "promote db-2 epoch 8 within 8000"),
        row(
            "a promoted server whose check is good serves",
            in(SwitchPhase.PROMOTING).hooks(BOTH).call(Call.DONE),
            "MOVED"),
        row(
            "a promoted server whose check is not good yet is awaited",
            in(SwitchPhase.PROMOTING)
                .after(2_000)
                .hooks(BOTH)
                .call(Call.DONE)
                .target(Target.RESPONDS),
            "wait 8000"),
        row(
            "a promoted server whose check is not good by the end of the pause is rolled back",
            in(SwitchPhase.PROMOTING)
                .after(10_000)
                .hooks(BOTH)
                .call(Call.DONE)
                .target(Target.RESPONDS),
            "ROLLING_BACK"),
        row(
            "a promoted server that is usable after the end of the pause is rolled back",
            in(SwitchPhase.PROMOTING).after(10_000).hooks(BOTH).call(Call.DONE),
            "ROLLING_BACK"),
        row(
            "a fenced server is given its role back after the end of the pause",
            in(SwitchPhase.FENCING).after(10_000).hooks(BOTH).call(Call.DONE),
            "ROLLING_BACK"),
        row(
            "a refused promote is rolled back",
            in(SwitchPhase.PROMOTING).hooks(BOTH).call(Call.REFUSED),
            "ROLLING_BACK"),
        row(
            "a promote that may have had an effect is rolled back",
            in(SwitchPhase.PROMOTING).hooks(BOTH).call(Call.UNCERTAIN),
            "ROLLING_BACK"),
        row(
            "a role that moved by hand while the new server is promoted is rolled back",
            in(SwitchPhase.PROMOTING).hooks(BOTH).call(Call.DONE).moved(),
            "ROLLING_BACK"),
        row(
            "rolling back promotes the old server, in a later epoch",
            in(SwitchPhase.ROLLING_BACK).hooks(BOTH),
            "promote db-1 epoch 9 within 10000"),
        row(
            "a server that was promoted again serves",
            in(SwitchPhase.ROLLING_BACK).hooks(BOTH).call(Call.DONE),
            "ROLLED_BACK"),
        row(
            "without a hook the old server serves again",
            in(SwitchPhase.ROLLING_BACK).hooks(new Hooks(true, false)),
            "ROLLED_BACK"),
        row(
            "nobody serves if the old server cannot be promoted",
            in(SwitchPhase.ROLLING_BACK).hooks(BOTH).call(Call.REFUSED),
            "FAILED"),
        row(
            "nobody serves if the old server is not promoted in time",
            in(SwitchPhase.ROLLING_BACK).after(10_000).hooks(BOTH).call(Call.RUNNING),
            "FAILED"),
        row(
            "another replica's calls are awaited until it is late",
            in(SwitchPhase.FENCING).driver("b").after(1_000).hooks(BOTH),
            "wait 11000"),
        row(
            "another replica that is late is replaced",
            in(SwitchPhase.FENCING).driver("b").after(12_000).hooks(BOTH),
            "FENCING driver a in turn"),
        row(
            "another replica that is gone is replaced",
            in(SwitchPhase.PROMOTING).driver("b").gone("b").hooks(BOTH),
            "PROMOTING driver a in turn"),
        row("a switch that is over has no step", in(SwitchPhase.MOVED), WAIT),
        row("a switch that was given up has no step", in(SwitchPhase.GIVEN_UP), WAIT),
        row("a switch that was rolled back has no step", in(SwitchPhase.ROLLED_BACK), WAIT),
        row("a switch that failed has no step", in(SwitchPhase.FAILED), WAIT));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("steps")
  void the_first_row_that_fits_decides(String sentence, Given given, String expected) {
    assertThat(given.result()).as(sentence).isEqualTo(expected);
  }

  @Test
  void every_phase_stays_with_its_reason() {
    PlannedSwitch fencing =
        ((SwitchStep.Write) in(SwitchPhase.PAUSING).released().hooks(BOTH).step()).next();

    assertThat(fencing.stages())
        .containsExactly(
            new PlannedSwitch.Stage(SwitchPhase.PAUSING, NOW, "so far"),
            new PlannedSwitch.Stage(SwitchPhase.FENCING, NOW, "nothing is sent to db-1 any more"));
    assertThat(fencing.phase()).isEqualTo(SwitchPhase.FENCING);
  }

  @Test
  void what_a_hook_said_is_part_of_the_reason() {
    Stream.of(
            in(SwitchPhase.FENCING).call(Call.REFUSED),
            in(SwitchPhase.FENCING).call(Call.UNCERTAIN),
            in(SwitchPhase.PROMOTING).call(Call.REFUSED),
            in(SwitchPhase.ROLLING_BACK).call(Call.REFUSED))
        .map(given -> ((SwitchStep.Write) given.hooks(BOTH).detail("not now").step()).next())
        .forEach(next -> assertThat(next.why()).as(next.phase().name()).endsWith(": not now"));
  }

  @Test
  void a_switch_can_be_given_up_until_the_old_server_is_fenced() {
    for (SwitchPhase phase : SwitchPhase.values()) {
      PlannedSwitch planned = in(phase).planned();
      SwitchFacts facts =
          new SwitchFacts(
              NOW,
              Duration.ZERO,
              Duration.ZERO,
              "a",
              Map.of("a", Release.NONE),
              true,
              Target.USABLE,
              BOTH,
              null,
              "",
              PAUSE,
              false);

      PlannedSwitch givenUp = planned.givenUp(facts, "for a reason");

      boolean early = phase == SwitchPhase.SCHEDULED || phase == SwitchPhase.PAUSING;
      assertThat(givenUp != null).as(phase.name()).isEqualTo(early);
    }
  }
}
