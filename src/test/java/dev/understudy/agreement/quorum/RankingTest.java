package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In which order replicas write. */
class RankingTest {
  private static final List<String> REPLICAS =
      List.of("proxy-7d4f-aaaaa", "proxy-7d4f-aaaab", "proxy-7d4f-aaaac", "x", "proxy-0");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void each_replica_has_a_rank_of_its_own_in_each_pool(int count) {
    List<String> replicas = REPLICAS.subList(0, count);
    for (int i = 0; i < 200; i++) {
      PoolId pool = new PoolId("pool-" + i);
      assertThat(replicas.stream().map(replica -> Ranking.rank(pool, replica, replicas, 0)))
          .containsExactlyInAnyOrderElementsOf(IntStream.range(0, count).boxed().toList());
    }
  }

  @Test
  void the_order_in_which_replicas_are_known_does_not_matter() {
    List<String> shuffled = new ArrayList<>(REPLICAS);
    PoolId pool = new PoolId("sense");
    for (int seed = 0; seed < 50; seed++) {
      Collections.shuffle(shuffled, new Random(seed));
      for (String replica : REPLICAS) {
        assertThat(Ranking.rank(pool, replica, shuffled, 0))
            .isEqualTo(Ranking.rank(pool, replica, REPLICAS, 0));
      }
    }
  }

  @Test
  void pools_are_spread_over_replicas_whose_names_differ_in_one_letter() {
    List<String> replicas = REPLICAS.subList(0, 3);
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      PoolId pool = new PoolId("pool-" + i);
      for (String replica : replicas) {
        if (Ranking.rank(pool, replica, replicas, 0) == 0) {
          first.merge(replica, 1, Integer::sum);
        }
      }
    }
    assertThat(first.values()).hasSize(3).allSatisfy(pools -> assertThat(pools).isBetween(70, 130));
  }

  @Test
  void one_that_is_not_counted_comes_behind_all_of_them() {
    assertThat(Ranking.rank(new PoolId("sense"), "new", REPLICAS, 0)).isEqualTo(REPLICAS.size());
  }

  @Test
  void the_rest_keeps_its_order_when_one_leaves() {
    PoolId pool = new PoolId("sense");
    for (String gone : REPLICAS) {
      List<String> rest = new ArrayList<>(REPLICAS);
      rest.remove(gone);
      for (String a : rest) {
        for (String b : rest) {
          boolean before = Ranking.rank(pool, a, REPLICAS, 0) < Ranking.rank(pool, b, REPLICAS, 0);
          assertThat(Ranking.rank(pool, a, rest, 0) < Ranking.rank(pool, b, rest, 0))
              .isEqualTo(before);
        }
      }
    }
  }
}
