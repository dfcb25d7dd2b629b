package dev.understudy.monitor;

import dev.understudy.testing.Extent;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many seeds of {@link AgreementSimulation}. More of them, or a certain one: {@code
 * -Dunderstudy.simulation.seeds=10000 -Dunderstudy.simulation.from=1}.
 */
@Tag(Extent.FULL)
class AgreementSimulationTest {
  private static final long SEEDS =
      Long.getLong("understudy.simulation.seeds", Extent.rounds(400, 16));
  private static final long FROM = Long.getLong("understudy.simulation.from", 1);

  @Test
  void nothing_that_must_not_happen_happens_under_any_seed() {
    AgreementSimulation.Outcome worst =
        LongStream.range(FROM, FROM + SEEDS)
            .parallel()
            .mapToObj(seed -> new AgreementSimulation(seed).run())
            .reduce((a, b) -> a.worstOverlapMs() >= b.worstOverlapMs() ? a : b)
            .orElseThrow();
    System.out.println("AgreementSimulationTest: " + SEEDS + " seeds, worst overlap: " + worst);
  }
}
