package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.ProbeOutcome;
import dev.understudy.snapshot.ServerState;
import dev.understudy.testing.TestPools;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is known of a server that broke a connection. */
class SuspectServerTest {
  private final TestPools pools = TestPools.pool().master("a", 1).backup("b", 2).start();

  private SuspectServer suspect(Instant since, boolean again) {
    return new SuspectServer(pools.server("a"), since, again);
  }

  @ParameterizedTest
  @CsvSource({
    // it is DOWN, newest probe, which began after the break → in doubt
    "false, OK,         true,  false",
    "false, OK,         false, true",
    "false, BAD_STATUS, true,  true",
    "false, TIMED_OUT,  true,  true",
    "true,  OK,         true,  false",
    "true,  BAD_STATUS, true,  false",
    "true,  BAD_STATUS, false, true",
    "true,  TIMED_OUT,  true,  true",
  })
  void it_is_in_doubt_until_a_later_probe_shows_that_it_lives(
      boolean down, ProbeOutcome newest, boolean later, boolean inDoubt) {
    Instant since = later ? Instant.now().minusSeconds(60) : Instant.now().plusSeconds(60);
    SuspectServer suspect = suspect(since, true);
    if (down) {
      pools.down("a");
    }
    pools.probed("a", newest);
    assertThat(suspect.isInDoubt(pools.server("a"))).isEqualTo(inDoubt);
    assertThat(suspect.isInDoubt(pools.server("b"))).isFalse();
  }

  @Test
  void only_this_incarnation_is_forbidden_and_only_once_it_has_got_enough() {
    ServerState before = pools.server("a");
    SuspectServer spent = suspect(Instant.now(), false);
    assertThat(spent.forbids(before)).isTrue();
    assertThat(spent.forbids(pools.server("b"))).isFalse();
    assertThat(suspect(Instant.now(), true).forbids(before)).isFalse();
    pools.reincarnate("a");
    assertThat(spent.forbids(pools.server("a"))).isFalse();
  }
}
