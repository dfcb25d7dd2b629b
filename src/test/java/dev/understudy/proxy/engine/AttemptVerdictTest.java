package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.ProbeOutcome;
import dev.understudy.snapshot.ServerState;
import dev.understudy.testing.TestPools;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The table in the javadoc of {@link AttemptVerdict}. */
class AttemptVerdictTest {
  @Test
  void what_runs_on_a_server_is_lost_in_these_cases_only() {
    TestPools pools = TestPools.pool().master("a", 1001).backup("b", 1002).start();
    ServerState before = pools.server("a");
    assertThat(isLost(before, pools)).isFalse();
    pools.reincarnate("a");
    assertThat(isLost(before, pools)).as("other settings").isFalse();
    pools.serve("b");
    assertThat(isLost(before, pools)).as("a switch").isFalse();
    pools.silent("a");
    assertThat(isLost(before, pools)).as("DOWN by silence").isTrue();
    pools.serve("a");
    ServerState down = pools.server("a");
    assertThat(isLost(down, pools)).as("serves though DOWN").isFalse();
    assertThat(isLost(before, pools)).as("judged, not yet left").isFalse();
    pools.serve("b");
    assertThat(isLost(down, pools)).as("DOWN and left").isTrue();
    pools.configure(TestPools.pool().backup("b", 1002).build());
    assertThat(isLost(before, pools)).as("removed").isFalse();
  }

  private static boolean isLost(ServerState selected, TestPools pools) {
    return AttemptVerdict.of(selected, true, true, pools.current()) == AttemptVerdict.LOST;
  }

  @Test
  void what_runs_on_a_server_that_is_down_and_kept_in_use_goes_on() {
    TestPools pools = TestPools.pool().balance().master("a", 1001).master("b", 1002).start();
    ServerState before = pools.server("a");
    pools.probed("a", ProbeOutcome.TIMED_OUT);
    pools.keepDown("a");
    assertThat(isLost(before, pools)).isFalse();
    pools.reincarnate("a");
    assertThat(isLost(before, pools)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    // cut, server, it is DOWN by silence and serves no more → verdict
    "true,  a, false, CUT",
    "true,  b, false, GOES_ON",
    "false, a, false, GOES_ON",
    "true,  a, true,  LOST",
  })
  void a_planned_switch_cuts_what_is_left_at_the_servers_that_it_leaves(
      boolean cut, String server, boolean silent, AttemptVerdict verdict) {
    TestPools pools = TestPools.pool().master("a", 1001).backup("b", 1002).start();
    ServerState before = pools.server(server);
    pools.pause("b", cut);
    if (silent) {
      pools.silent(server);
      pools.serve(null);
    }
    assertThat(AttemptVerdict.of(before, true, true, pools.current())).isEqualTo(verdict);
  }

  @ParameterizedTest
  @EnumSource(ProbeOutcome.class)
  void what_was_sent_is_lost_by_silence_alone_and_what_was_not_goes_elsewhere(
      ProbeOutcome outcome) {
    TestPools pools = TestPools.pool().master("a", 1001).backup("b", 1002).start();
    ServerState before = pools.server("a");
    pools.probed("a", outcome);
    pools.failover("a", "b");
    boolean silent = outcome == ProbeOutcome.TIMED_OUT || outcome == ProbeOutcome.UNREACHABLE;
    assertThat(isLost(before, pools)).isEqualTo(silent);
    assertThat(AttemptVerdict.of(before, true, false, pools.current()))
        .as("it sends on other connections")
        .isEqualTo(AttemptVerdict.GOES_ON);
    assertThat(AttemptVerdict.of(before, false, false, pools.current()))
        .as("nothing was sent")
        .isEqualTo(AttemptVerdict.LOST);
  }
}
