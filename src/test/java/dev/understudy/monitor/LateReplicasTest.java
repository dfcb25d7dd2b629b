package dev.understudy.monitor;

import static dev.understudy.monitor.SimWorld.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Replicas that have no time to check their servers, in the simulation of the agreement. */
@Tag(Extent.FULL)
class LateReplicasTest {
  private static final String MASTER = "192.0.2.2";
  private static final String BACKUP = "192.0.2.1";
  private static final long SEEDS = Extent.rounds(60, 6);

  // A replica of each of these versions; in brackets: it is late when the master is killed.
  @Rows(
      """
      // row                                                       | replicas                    | serves
      two, one late                                               | this [this]                 | backup
      two, one late, the other one of the candidate               | candidate [this]            | backup
      two, one late, the other one of the release before          | before [this]               | backup
      two, the candidate is late, and does not say so: a tie      | this [candidate]            | master
      two, both late: what is stays                               | [this] [this]               | master
      three, one late                                             | this this [this]            | backup
      three, two late                                             | this [this] [this]          | backup
      three, two late, who sees is of the candidate               | candidate [this] [this]     | backup
      three, two late, of which one does not say so: a tie        | this [this] [candidate]     | master
      three, one late, the others of the candidate                | candidate candidate [this]  | backup
      three, all late                                             | [this] [this] [this]        | master
      """)
  void the_replicas_that_see_decide(String row, String replicas, String serves) {
    List<String> each = List.of(replicas.split(" ", -1));
    List<SimVersion> versions =
        each.stream()
            .map(word -> word.replaceAll("[\\[\\]]", "").toUpperCase(Locale.ROOT))
            .map(SimVersion::valueOf)
            .toList();
    String expected = serves.equals("master") ? MASTER : BACKUP;
    AgreementSimulation simulation = new AgreementSimulation(SensePool.sense());
    simulation.run(
        versions,
        () -> {
          at(simulation, 20, () -> starve(simulation, each));
          at(simulation, 32, () -> simulation.server(MASTER, Behaviour.KILLED, 20 * SECOND));
          at(
              simulation,
              40,
              () ->
                  assertThat(simulation.replicas)
                      .allSatisfy(replica -> assertThat(replica.serving()).isEqualTo(expected)));
        },
        200 * SECOND);
  }

  private static void starve(AgreementSimulation simulation, List<String> each) {
    for (int i = 0; i < each.size(); i++) {
      if (each.get(i).startsWith("[")) {
        SimReplica replica = simulation.replicas.get(i);
        replica.starvation.blind = true;
        simulation.starve(replica, 30 * SECOND, false);
      }
    }
  }

  private static void at(AgreementSimulation simulation, int seconds, Runnable act) {
    simulation.world.at(seconds * SECOND, act);
  }

  @Test
  void late_checks_alone_move_nobody() {
    forSeeds(2, simulation -> {}, 1);
    forSeeds(3, simulation -> {}, 1);
  }

  /** When the other one has no time to object; and not back before both find the master fit. */
  @Test
  void of_two_that_see_different_things_and_are_late_in_turn_one_moves_the_role_once() {
    forSeeds(
        2,
        simulation ->
            at(
                simulation,
                18,
                () -> simulation.cutServer(simulation.replicas.getFirst(), MASTER, 90 * SECOND)),
        2);
  }

  /** All replicas are late at times of their own for 90 s; the role has that many holders. */
  private static void forSeeds(int replicas, Consumer<AgreementSimulation> fault, int holders) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      AgreementSimulation simulation = new AgreementSimulation(SensePool.sense(), seed);
      SimVersion other = SimVersion.values()[(int) (seed % SimVersion.values().length)];
      List<SimVersion> versions =
          Stream.of(SimVersion.THIS, other, SimVersion.THIS).limit(replicas).toList();
      simulation.run(
          versions,
          () -> {
            fault.accept(simulation);
            for (int second = 20; second < 100; second += 4) {
              at(simulation, second, () -> starveAny(simulation));
            }
            at(
                simulation,
                107,
                () -> assertThat(simulation.switches()).isLessThanOrEqualTo(holders));
          },
          200 * SECOND);
    }
  }

  private static void starveAny(AgreementSimulation simulation) {
    SimWorld world = simulation.world;
    SimReplica any = simulation.replicas.get(world.random.nextInt(simulation.replicas.size()));
    any.starvation.blind = world.chance(50);
    simulation.starve(any, world.millis(2_000, 20_000), world.chance(30));
  }
}
