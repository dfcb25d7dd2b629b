package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.BACKUP2;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.MASTER2;
import static dev.understudy.failover.Cast.at;
import static dev.understudy.failover.Cast.candidate;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.upSince;
import static dev.understudy.failover.Cast.view;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which servers one replica finds fit for a failback, and what replicas make of it. */
class FailbackEligibilityTest {
  private static final Instant NOW = at(1_000);

  // The master is UP since "up", the last failback was at "last", the count of them is "count".
  @Rows(
      """
      // row                                        | policy    | count | last | up      | fit   | again
      at once                                      | IMMEDIATE | 0     |      | 1000    | true  |
      before its time                              | DELAYED   | 0     |      | 970.001 | false | 1000.001
      when its time has come                       | DELAYED   | 0     |      | 970     | true  |
      by hand only                                 | MANUAL    | 0     |      | 0       | false |
      damped: 20 s after one failback              | IMMEDIATE | 1     | 900  | 980.001 | false | 1000.001
      damped: its 20 s have come                   | IMMEDIATE | 1     | 900  | 980     | true  |
      damped: 160 s after four                     | IMMEDIATE | 4     | 800  | 841     | false | 1001
      damped: no longer than that after nine       | IMMEDIATE | 9     | 800  | 840     | true  |
      damped: not for what it was UP before it     | IMMEDIATE | 4     | 900  | 0       | false | 1060
      damped: UP before it, its 20 s have come     | IMMEDIATE | 1     | 980  | 0       | true  |
      forgotten after ten minutes                  | IMMEDIATE | 9     | 400  | 1000    | true  |
      forgotten ten minutes after, before its time | IMMEDIATE | 9     | 401  | 999     | false | 1001
      a failback of which the time is not known    | IMMEDIATE | 9     |      | 1000    | true  |
      a failback in the future: a clock set back   | IMMEDIATE | 9     | 1001 | 1000    | true  |
      """)
  void a_master_is_fit_by_its_time_up_and_the_failbacks_before(
      String row, Policy policy, int count, Double last, double up, boolean fit, Double again) {
    RoleState roleState =
        new RoleState(BACKUP, 7, null, count, last == null ? null : at(last), RoleMemory.NONE);
    Map<ServerId, Candidate> seen = Map.of(BACKUP, candidate(Look.UP), MASTER, upSince(at(up)));
    FailbackEligibility fitness = FailbackEligibility.of(pool(policy), seen, roleState, NOW);
    assertThat(fitness.fit()).isEqualTo(fit ? Set.of(MASTER) : Set.of());
    assertThat(fitness.lookAgain()).isEqualTo(again == null ? null : at(again));
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void only_one_that_is_up_ready_and_not_open_is_fit_whatever_the_serving_one_is_like(Look look) {
    Map<ServerId, Candidate> seen = view(BACKUP, Look.UP, MASTER, look);
    boolean well = look == Look.UP || look == Look.CHANGED_UP;
    assertThat(FailbackEligibility.of(pool(Policy.IMMEDIATE), seen, serving(BACKUP), NOW).fit())
        .isEqualTo(well ? Set.of(MASTER) : Set.of());

    Map<ServerId, Candidate> serves = view(BACKUP, look, MASTER, Look.UP);
    Set<ServerId> expected = look == Look.GONE ? Set.of() : Set.of(MASTER);
    assertThat(FailbackEligibility.of(pool(Policy.IMMEDIATE), serves, serving(BACKUP), NOW).fit())
        .isEqualTo(expected);
  }

  @Rows(
      """
      master  | ``
      master2 | ``
      backup  | master master2
      backup2 | master master2
      """)
  void only_those_of_a_better_rank_are_fit(String serving, String expected) {
    Map<ServerId, Candidate> seen =
        view(BACKUP, Look.UP, BACKUP2, Look.UP, MASTER, Look.UP, MASTER2, Look.UP);
    FailbackEligibility fitness =
        FailbackEligibility.of(pool(Policy.IMMEDIATE), seen, serving(new ServerId(serving)), NOW);
    assertThat(fitness.fit().stream().map(ServerId::value).sorted().collect(joining(" ")))
        .isEqualTo(expected);
  }

  @Test
  void it_is_looked_at_again_when_the_first_of_several_may_be_fit() {
    String seen = "master=UP@990 master2=UP@980 backup=UP";
    assertThat(fitness("DELAYED", seen))
        .isEqualTo(new FailbackEligibility(Set.of(), at(1_010), null));
    assertThat(FailbackEligibility.of(pool(Policy.DELAYED), view(seen), serving(BACKUP), at(1_010)))
        .isEqualTo(new FailbackEligibility(Set.of(MASTER2), at(1_020), null));
  }

  @Test
  void no_server_is_fit_while_none_serves_or_the_pool_balances() {
    Map<ServerId, Candidate> seen = view(BACKUP, Look.UP, MASTER, Look.UP);
    assertThat(FailbackEligibility.of(pool(Policy.IMMEDIATE), seen, RoleState.NONE, NOW).fit())
        .isEmpty();
    FailbackSettings failback = TestSettings.failback(Policy.IMMEDIATE, Duration.ofSeconds(30));
    Pool balance = pool(PoolMode.BALANCE, failback, BACKUP, MASTER);
    assertThat(FailbackEligibility.of(balance, seen, serving(BACKUP), NOW).fit()).isEmpty();
  }

  @Test
  void one_whose_failure_is_doubted_is_not_fit() {
    assertThat(fitness("IMMEDIATE", "master=DOWN:kept backup=UP").fit()).isEmpty();
  }

  private static FailbackEligibility fitness(String policy, String seen) {
    return FailbackEligibility.of(pool(policy), view(seen), serving(BACKUP), NOW);
  }
}
