package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.engine.SelectionPolicy.Plan;
import dev.understudy.proxy.engine.SelectionPolicy.Wait;
import dev.understudy.proxy.engine.SelectionPolicy.Why;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.RequestEnd;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table in the javadoc of {@link HoldPhase}. */
class HoldPhaseTest {
  private static Plan plan(String kind) {
    Plan.Send send =
        new Plan.Send(TestPools.pool().master("a", 1).start().server("a"), Why.SERVING);
    return switch (kind) {
      case "Send" -> send;
      case "Undecided" -> new Plan.Undecided(send);
      case "Reject" -> new Plan.Reject(RequestEnd.MAINTENANCE);
      default -> new Plan.Hold(Wait.valueOf(kind));
    };
  }

  @ParameterizedTest
  @CsvSource({
    // held for, plan, to a suspect, admitted → ends in time, ends when time is over
    "SERVER, Send,      false, true,  true,  true",
    "SERVER, Send,      true,  true,  true,  true",
    "SERVER, Send,      false, false, false, false",
    "SERVER, Send,      true,  false, false, false",
    "SERVER, Undecided, false, false, false, true",
    "SERVER, Reject,    false, false, true,  true",
    "SERVER, NO_SERVER, false, false, false, false",
    "SERVER, FULL,      false, false, false, false",
    "PROOF,  Send,      false, true,  true,  true",
    "PROOF,  Send,      true,  true,  false, true",
    "PROOF,  Send,      false, false, false, false",
    "PROOF,  Send,      true,  false, false, false",
    "PROOF,  Undecided, false, false, false, true",
    "PROOF,  Reject,    false, false, true,  true",
    "PROOF,  NO_SERVER, false, false, false, false",
    "PROOF,  FULL,      false, false, false, false",
    "NONE,   Send,      true,  true,  true,  true",
    "NONE,   Send,      false, false, false, false",
    "NONE,   Undecided, false, false, false, true",
    "NONE,   Reject,    false, false, true,  true",
    "NONE,   NO_SERVER, false, false, false, false",
  })
  void a_hold_ends_in_these_cases(
      HoldPhase phase,
      String plan,
      boolean doubted,
      boolean admitted,
      boolean inTime,
      boolean over) {
    assertThat(phase.ends(plan(plan), doubted, admitted, false)).isEqualTo(inTime);
    assertThat(phase.ends(plan(plan), doubted, admitted, true)).isEqualTo(over);
  }
}
