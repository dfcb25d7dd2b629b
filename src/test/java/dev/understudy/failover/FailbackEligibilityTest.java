package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.BACKUP2;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.MASTER2;
import static dev.understudy.failover.Cast.ZERO;
import static dev.understudy.failover.Cast.candidate;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.upSince;
import static dev.understudy.failover.Cast.view;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which servers one replica finds fit for a failback, and what replicas make of it. */
class FailbackEligibilityTest {
  private static final Instant NOW = at(1_000);

  // The master is UP since "up", the last failback was at "last", the count of them is "count".
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # row                                        | policy    | count | last | up      | fit   | again
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
    FailbackEligibility fitness =
        FailbackEligibility.of(pool(policy), seen(upSince(at(up))), roleState, NOW);
    assertThat(fitness.fit()).isEqualTo(fit ? Set.of(MASTER) : Set.of());
    assertThat(fitness.lookAgain()).isEqualTo(again == null ? null : at(again));
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void only_one_that_is_up_ready_and_not_open_is_fit(Look look) {
    Map<ServerId, Candidate> seen = view(BACKUP, Look.UP, MASTER, look);
    boolean well = look == Look.UP || look == Look.CHANGED_UP;
    assertThat(FailbackEligibility.of(pool(Policy.IMMEDIATE), seen, serving(BACKUP), NOW).fit())
        .isEqualTo(well ? Set.of(MASTER) : Set.of());
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void it_does_not_matter_what_the_serving_one_is_like(Look look) {
    Map<ServerId, Candidate> seen = view(BACKUP, look, MASTER, Look.UP);
    Set<ServerId> expected = look == Look.GONE ? Set.of() : Set.of(MASTER);
    assertThat(FailbackEligibility.of(pool(Policy.IMMEDIATE), seen, serving(BACKUP), NOW).fit())
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "while {0} serves")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          master  | ''
          master2 | ''
          backup  | master master2
          backup2 | master master2
          """)
  void only_those_of_a_better_rank_are_fit(String serving, String expected) {
    Map<ServerId, Candidate> seen =
        view(BACKUP, Look.UP, BACKUP2, Look.UP, MASTER, Look.UP, MASTER2, Look.UP);
    FailbackEligibility fitness =
        FailbackEligibility.of(pool(Policy.IMMEDIATE), seen, serving(new ServerId(serving)), NOW);
    Set<ServerId> fit = new java.util.HashSet<>();
    for (String name : expected.split(" ", -1)) {
      if (!name.isEmpty()) {
        fit.add(new ServerId(name));
      }
    }
    assertThat(fitness.fit()).isEqualTo(fit);
  }

  @Test
  void it_is_looked_at_again_when_the_first_of_several_may_be_fit() {
    Map<ServerId, Candidate> seen = new HashMap<>(seen(upSince(at(990))));
    seen.put(MASTER2, upSince(at(980)));
    FailbackEligibility fitness =
        FailbackEligibility.of(pool(Policy.DELAYED), seen, serving(BACKUP), NOW);
    assertThat(fitness).isEqualTo(new FailbackEligibility(Set.of(), at(1_010), null));
    assertThat(FailbackEligibility.of(pool(Policy.DELAYED), seen, serving(BACKUP), at(1_010)))
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

  // The choice, from what replicas agree on: how long the master is UP here does not matter.
  @ParameterizedTest(name = "{0}, {1} for {2} s")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # policy  | fitness | up for | chosen
          IMMEDIATE | FIT     | 0      | master
          IMMEDIATE | NOT_FIT | 900    | .
          IMMEDIATE | BY_TIME | 0      | master
          DELAYED   | FIT     | 0      | master
          DELAYED   | NOT_FIT | 900    | .
          DELAYED   | BY_TIME | 29     | .
          DELAYED   | BY_TIME | 30     | master
          MANUAL    | FIT     | 900    | .
          """)
  void the_choice(Policy policy, FailbackFitness fitness, long upFor, String expected) {
    Candidate master = with(upSince(NOW.minusSeconds(upFor)), fitness);
    Choice choice = Failover.choose(pool(policy), seen(master), serving(BACKUP), NOW);
    assertThat(choice instanceof Choice.Switch change ? change.to().value() : ".")
        .isEqualTo(expected);
  }

  @Test
  void what_replicas_have_not_agreed_on_is_not_looked_at_again_by_time() {
    Candidate master = with(upSince(NOW), FailbackFitness.NOT_FIT);
    Choice choice = Failover.choose(pool(Policy.DELAYED), seen(master), serving(BACKUP), NOW);
    assertThat(choice).isEqualTo(new Choice.Stay(serving(BACKUP), null));
  }

  @Test
  void one_that_is_not_fit_leaves_the_role_to_the_next_that_is() {
    Map<ServerId, Candidate> seen =
        new HashMap<>(seen(with(upSince(at(0)), FailbackFitness.NOT_FIT)));
    seen.put(MASTER2, with(upSince(NOW), FailbackFitness.FIT));
    Choice choice = Failover.choose(pool(Policy.IMMEDIATE), seen, serving(BACKUP), NOW);
    assertThat(choice)
        .isInstanceOfSatisfying(
            Choice.Switch.class,
            change -> {
              assertThat(change.to()).isEqualTo(MASTER2);
              assertThat(change.reason()).isEqualTo(SwitchReason.FAILBACK);
            });
  }

  @Test
  void fit_does_not_end_a_pin() {
    RoleState pinned = new RoleState(BACKUP, 7, BACKUP, 0, null, RoleMemory.NONE);
    Candidate master = with(upSince(at(0)), FailbackFitness.FIT);
    assertThat(Failover.choose(pool(Policy.IMMEDIATE), seen(master), pinned, NOW))
        .isInstanceOf(Choice.Stay.class);
  }

  @Test
  void a_failover_needs_no_fitness_check() {
    Map<ServerId, Candidate> seen = new HashMap<>();
    seen.put(BACKUP, candidate(Look.DOWN));
    seen.put(MASTER, with(upSince(NOW), FailbackFitness.NOT_FIT));
    assertSwitch(Policy.DELAYED, seen, MASTER);
  }

  @Test
  void one_whose_failure_is_doubted_is_no_reason_to_leave_another() {
    Map<ServerId, Candidate> seen = seen(candidate(Look.DOWN).kept());
    Pool pool = pool(Policy.IMMEDIATE);
    assertThat(Failover.choose(pool, seen, serving(BACKUP), NOW)).isInstanceOf(Choice.Stay.class);
    assertThat(FailbackEligibility.of(pool, seen, serving(BACKUP), NOW).fit()).isEmpty();
  }

  @Test
  void it_gets_the_role_for_want_of_others_alone() {
    Map<ServerId, Candidate> seen = new HashMap<>(seen(candidate(Look.DOWN).kept()));
    seen.put(BACKUP, candidate(Look.DOWN));
    assertSwitch(Policy.IMMEDIATE, seen, MASTER);
    seen.put(MASTER2, candidate(Look.UP));
    assertSwitch(Policy.IMMEDIATE, seen, MASTER2);
  }

  private static void assertSwitch(
      Policy policy, Map<ServerId, Candidate> seen, ServerId expected) {
    assertThat(Failover.choose(pool(policy), seen, serving(BACKUP), NOW))
        .isInstanceOfSatisfying(
            Choice.Switch.class, change -> assertThat(change.to()).isEqualTo(expected));
  }

  private static Map<ServerId, Candidate> seen(Candidate master) {
    return Map.of(BACKUP, candidate(Look.UP), MASTER, master);
  }

  private static Candidate with(Candidate candidate, FailbackFitness fitness) {
    return new Candidate(
        candidate.status(),
        candidate.statusSince(),
        candidate.lastProbeHadResponse(),
        candidate.connectionFailed(),
        candidate.circuitOpen(),
        candidate.operatorState(),
        candidate.changed(),
        fitness,
        candidate.evidence());
  }

  private static Instant at(double seconds) {
    return ZERO.plusMillis(Math.round(seconds * 1_000));
  }
}
