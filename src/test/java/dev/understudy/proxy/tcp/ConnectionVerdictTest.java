package dev.understudy.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.TcpCheck;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Relayed connections of a server that is DOWN. */
class ConnectionVerdictTest {
  private static ConnectionVerdict verdict(ServerState made, TestPools pools) {
    PoolState now = pools.state();
    return ConnectionVerdict.of(
        made,
        now.pool().mode(),
        now.pool().settings().onSwitch(),
        now,
        now.server(made.server().id()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void they_stay_as_long_as_it_is_in_use_with_its_incarnation(boolean balance) {
    TestPools.Builder pool = TestPools.pool().master("a", 1).backup("b", 2);
    TestPools pools = (balance ? pool.balance() : pool).start();
    ServerState made = pools.server("a");
    pools.keepDown("a");
    assertThat(verdict(made, pools).stays()).isTrue();
    pools.reincarnate("a");
    assertThat(verdict(made, pools).stays()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(ProbeOutcome.class)
  void they_have_drain_to_end_if_it_refuses_new_ones_and_are_reset_at_once_otherwise(
      ProbeOutcome outcome) {
    TestPools pools = TestPools.pool().master("a", 1).backup("b", 2).start();
    assertEnd(pools, outcome, outcome == ProbeOutcome.CONNECT_FAILED);
  }

  static List<Check> checksOfAnotherPortOrOfARole() {
    CheckConnection other = new CheckConnection(OptionalInt.of(3), null, false);
    return List.of(
        new TcpCheck(List.of(), other),
        new PostgresqlCheck("probe", null, null, DatabaseRole.PRIMARY, CheckConnection.DEFAULT));
  }

  @ParameterizedTest
  @MethodSource("checksOfAnotherPortOrOfARole")
  void they_get_no_time_if_the_check_goes_elsewhere_or_proves_a_role(Check check) {
    TestPools pools =
        TestPools.pool().master("a", 1).backup("b", 2).health(TestSettings.health(check)).start();
    assertEnd(pools, ProbeOutcome.CONNECT_FAILED, false);
  }

  private static void assertEnd(TestPools pools, ProbeOutcome outcome, boolean later) {
    ServerState made = pools.server("a");
    Instant before = Instant.now();
    pools.probed("a", outcome);
    pools.failover("a", "b");
    ConnectionVerdict verdict = verdict(made, pools);
    if (!later) {
      assertThat(verdict).isEqualTo(ConnectionVerdict.AT_ONCE);
      return;
    }
    Duration drain = pools.state().pool().settings().onSwitch().drain();
    assertThat(verdict.after()).isAfterOrEqualTo(before.plus(drain));
    assertThat(verdict.over()).isEqualTo(Duration.ofSeconds(2));
    pools.probed("a");
    pools.up("a");
    assertThat(verdict(made, pools).after())
        .as("a new process listens, and the old one may still end them")
        .isAfterOrEqualTo(before.plus(drain));
  }
}
