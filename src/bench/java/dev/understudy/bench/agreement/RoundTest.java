package dev.understudy.bench.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestPools;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundTest {
  private final TestPools pools = TestPools.pool().master("master", 1).backup("backup", 2).start();
  private final Round round = new Round(3, List.of(TestPools.POOL), new ServerId("master"));

  private void publish(int replica, long nanos) {
    round.published(replica, pools.current(), nanos);
  }

  @Test
  void a_decision_counts_from_the_second_vote_of_three_to_the_last_switch() throws Exception {
    publish(0, 1);
    pools.down("master");
    publish(2, 10);
    publish(0, 20);
    pools.serve("backup");
    publish(0, 50);
    publish(1, 60);
    publish(2, 90);
    Outcome outcome = round.await();
    assertThat(outcome.decisions()).containsExactly(70);
    assertThat(outcome.skews()).containsExactly(40);
    assertThat(outcome.whole()).isEqualTo(70);
  }

  @Test
  void what_is_published_again_counts_from_the_first_time() throws Exception {
    pools.down("master");
    publish(0, 10);
    publish(1, 12);
    publish(0, 15);
    publish(1, 16);
    pools.serve("backup");
    for (int replica = 0; replica < 3; replica++) {
      publish(replica, 20 + replica);
      publish(replica, 100 + replica);
    }
    Outcome outcome = round.await();
    assertThat(outcome.decisions()).containsExactly(10);
    assertThat(outcome.skews()).containsExactly(2);
  }

  @Test
  void quantiles_are_values_that_were_measured() {
    Times times = Times.of(List.of(new long[] {3_000_000, 1_000_000}, new long[] {2_000_000}));
    assertThat(times.quantile(0.5)).isEqualTo(2);
    assertThat(times.quantile(0.99)).isEqualTo(3);
    assertThat(times.max()).isEqualTo(3);
  }
}
