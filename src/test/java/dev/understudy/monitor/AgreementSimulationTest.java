package dev.understudy.monitor;

import static dev.understudy.monitor.SimWorld.MS;
import static dev.understudy.monitor.SimWorld.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Pool;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Reduction;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many seeds of {@link AgreementSimulation}. More of them, or a certain one: {@code
 * -Dunderstudy.simulation.seeds=10000 -Dunderstudy.simulation.from=1}. Of one that fails, acts are
 * left out as long as it still fails: {@code -Dunderstudy.simulation.acts=0,3} are those that are
 * left.
 */
@Tag(Extent.FULL)
class AgreementSimulationTest {
  private static final String PROPERTY = "understudy.simulation.";
  private static final long SEEDS = Long.getLong(PROPERTY + "seeds", Extent.rounds(400, 16));
  private static final long FROM = Long.getLong(PROPERTY + "from", 1);
  private static final @Nullable String ACTS = System.getProperty(PROPERTY + "acts");
  private static final int TRIALS = 60;

  @Test
  void nothing_that_must_not_happen_happens_under_any_seed() {
    List<Integer> only =
        ACTS == null ? null : Arrays.stream(ACTS.split(",")).map(Integer::valueOf).toList();
    Map<SwitchPhase, Integer> planned = new ConcurrentSkipListMap<>();
    AgreementSimulation.Outcome worst =
        LongStream.range(FROM, FROM + SEEDS)
            .parallel()
            .mapToObj(seed -> run(new AgreementSimulation(seed, only), outcome -> {}))
            .peek(
                run ->
                    run.planned().forEach((end, times) -> planned.merge(end, times, Integer::sum)))
            .reduce((a, b) -> a.worstOverlapMs() >= b.worstOverlapMs() ? a : b)
            .orElseThrow();
    System.out.println(
        "AgreementSimulationTest: %d seeds, planned switches %s, worst overlap: %s"
            .formatted(SEEDS, planned, worst));
  }

  @Test
  void what_makes_a_seed_fail_is_left_of_it() {
    AgreementSimulation simulation = new AgreementSimulation(4, null);
    assertThatThrownBy(
            () -> run(simulation, outcome -> assertThat(outcome.switches()).isLessThan(2)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("-D%1$sfrom=4 -D%1$sseeds=1".formatted(PROPERTY))
        .message()
        .as("one act alone")
        .containsPattern("acts=\\d+ fails: ");
    assertThat(simulation.played()).hasSizeGreaterThan(3);
  }

  @Test
  void a_switch_ends_although_all_replicas_start_again_and_the_old_server_is_gone() {
    Hook hook = new Hook("http://hooks.test/", List.of(), Map.of(), Duration.ofSeconds(5), false);
    Pool pool = SensePool.with(SensePool.sense(), new HookSettings(hook, hook));
    AgreementSimulation simulation = new AgreementSimulation(pool);
    simulation.run(
        () -> {
          simulation.world.at(
              20 * SECOND,
              () -> {
                simulation.commanded();
                simulation.hooks.disturbed(60 * SECOND);
                simulation.server("192.0.2.2", Behaviour.FROZEN, 60 * SECOND);
                SwitchRequest request =
                    new SwitchRequest(SensePool.BACKUP, Duration.ofSeconds(5), false, null, null);
                simulation
                    .replicas
                    .getFirst()
                    .monitor
                    .commands()
                    .planSwitch(SensePool.SENSE, request);
              });
          simulation.world.at(
              20 * SECOND + 30 * MS,
              () -> List.copyOf(simulation.replicas).forEach(simulation::kill));
          simulation.world.at(
              45 * SECOND,
              () -> assertThat(simulation.replicas.getFirst().serving()).isEqualTo("192.0.2.1"));
        },
        200 * SECOND);
  }

  /** Runs it, and holds its outcome against one more law; says in short how it fails. */
  private static AgreementSimulation.Outcome run(
      AgreementSimulation simulation, Consumer<AgreementSimulation.Outcome> law) {
    try {
      AgreementSimulation.Outcome outcome = simulation.run();
      law.accept(outcome);
      return outcome;
    } catch (AssertionError e) {
      throw shortened(simulation, law, e);
    }
  }

  private static AssertionError shortened(
      AgreementSimulation simulation, Consumer<AgreementSimulation.Outcome> law, AssertionError e) {
    AssertionError[] last = {e};
    List<Integer> left =
        Reduction.reduce(
            simulation.played(),
            TRIALS,
            some -> {
              try {
                law.accept(new AgreementSimulation(simulation.seed(), some).run());
                return false;
              } catch (AssertionError again) {
                last[0] = again;
                return true;
              }
            });
    String acts = left.stream().map(String::valueOf).collect(Collectors.joining(","));
    return new AssertionError(
        "-D%sfrom=%d -D%sseeds=1 -D%sacts=%s fails: %s"
            .formatted(PROPERTY, simulation.seed(), PROPERTY, PROPERTY, acts, last[0].getMessage()),
        last[0]);
  }
}
