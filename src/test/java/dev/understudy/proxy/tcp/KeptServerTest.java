package dev.understudy.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.testing.TestPools;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Relayed connections of a server that is DOWN and doubted to be. */
class KeptServerTest {
  private static boolean stays(ServerState made, TestPools pools) {
    PoolState now = pools.state();
    return ConnectionVerdict.of(
            made,
            now.pool().mode(),
            now.pool().settings().onSwitch(),
            now,
            now.server(made.server().id()))
        .stays();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void they_stay_as_long_as_it_is_in_use_with_its_incarnation(boolean balance) {
    TestPools.Builder pool = TestPools.pool().master("a", 1).backup("b", 2);
    TestPools pools = (balance ? pool.balance() : pool).start();
    ServerState made = pools.server("a");
    pools.keepDown("a");
    assertThat(stays(made, pools)).isTrue();
    pools.reincarnate("a");
    assertThat(stays(made, pools)).isFalse();
  }
}
