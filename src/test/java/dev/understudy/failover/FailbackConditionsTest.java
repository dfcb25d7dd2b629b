package dev.understudy.failover;

import static dev.understudy.failover.Cast.BACKUP;
import static dev.understudy.failover.Cast.MASTER;
import static dev.understudy.failover.Cast.candidate;
import static dev.understudy.failover.Cast.pool;
import static dev.understudy.failover.Cast.serving;
import static dev.understudy.failover.Cast.upSince;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.DailyWindow;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.WarmUpSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The time of the day, open tunnels and the warm-up as conditions of a failback. */
class FailbackConditionsTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  /** 02:00 to 04:00 in Berlin is 01:00 to 03:00 UTC in winter; at most 10 tunnels. */
  private static Pool all(Policy policy) {
    return pool(
        new FailbackSettings(
            policy,
            Duration.ofSeconds(30),
            WarmUpSettings.DEFAULT,
            OptionalInt.of(10),
            DailyWindow.parse("02:00-04:00"),
            BERLIN));
  }

  private static Map<ServerId, Candidate> seen(Instant up, int tunnels, boolean warm) {
    return Map.of(
        BACKUP,
        candidate(Look.UP).with(new FailbackFacts(tunnels, false, Duration.ZERO)),
        MASTER,
        upSince(up).with(new FailbackFacts(0, warm, Duration.ZERO)));
  }

  // The master is UP since 30 s before "up" says, so that "up" is when the policy allows it.
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          # row                            | now      | up       | tunnels | warm  | again    | due      | why
          before the window                | 00:59:59 | 00:00:00 | 0       | true  | 01:00:00 | 01:00:00 | waits for 02:00-04:00 Europe/Berlin
          as the window begins             | 01:00:00 | 00:00:00 | 0       | true  | .        | .        | .
          the last second of the window    | 02:59:59 | 00:00:00 | 0       | true  | .        | .        | .
          as the window ends               | 03:00:00 | 00:00:00 | 0       | true  | 25:00:00 | 25:00:00 | waits for 02:00-04:00 Europe/Berlin
          ten tunnels                      | 01:00:00 | 00:00:00 | 10      | true  | .        | .        | .
          eleven tunnels                   | 01:00:00 | 00:00:00 | 11      | true  | 01:00:01 | -        | waits until at most 10 tunnels are open on server backup
          cold                             | 01:00:00 | 00:00:00 | 0       | false | -        | -        | warms up server master
          cold, and eleven tunnels         | 01:00:00 | 00:00:00 | 11      | false | 01:00:01 | -        | waits until at most 10 tunnels are open on server backup
          cold, before the window          | 00:30:00 | 00:00:00 | 0       | false | 01:00:00 | 01:00:00 | waits for 02:00-04:00 Europe/Berlin
          before its time, in the window   | 01:00:00 | 01:00:10 | 11      | false | 01:00:10 | 01:00:10 | delayed: the server has to be UP for 30 s
          before its time, not in it       | 00:00:00 | 00:00:10 | 0       | true  | 00:00:10 | 01:00:00 | delayed: the server has to be UP for 30 s; waits for 02:00-04:00 Europe/Berlin
          """)
  void a_master_takes_the_role_back_when_its_conditions_hold(
      String row,
      String now,
      String up,
      int tunnels,
      boolean warm,
      String again,
      String due,
      String why) {
    Pool pool = all(Policy.DELAYED);
    Map<ServerId, Candidate> seen = seen(at(up).minusSeconds(30), tunnels, warm);
    Choice choice = Failover.choose(pool, seen, serving(BACKUP), at(now));
    FailbackEligibility fitness = FailbackEligibility.of(pool, seen, serving(BACKUP), at(now));
    if (again != null && again.equals(".")) {
      assertThat(choice).isInstanceOf(Choice.Switch.class);
      assertThat(fitness).isEqualTo(new FailbackEligibility(Set.of(MASTER), null, null));
      return;
    }
    Instant next = again == null ? null : at(again);
    assertThat(choice).isEqualTo(new Choice.Stay(serving(BACKUP), next));
    boolean warms = why.startsWith("warms");
    assertThat(fitness).isEqualTo(new FailbackEligibility(Set.of(), next, warms ? MASTER : null));
    assertThat(ChoiceExplainer.of(pool, seen, serving(BACKUP), at(now)))
        .isEqualTo(
            new ChoiceExplanation.FailbackAwaited(
                BACKUP, MASTER, due == null ? null : at(due), why));
  }

  @Test
  void what_replicas_agree_on_is_not_looked_at_again() {
    Candidate fit = upSince(at("00:00:00"), FailbackFitness.FIT);
    Map<ServerId, Candidate> seen =
        Map.of(
            BACKUP,
            candidate(Look.UP).with(new FailbackFacts(99, false, Duration.ZERO)),
            MASTER,
            fit);
    assertThat(Failover.choose(all(Policy.IMMEDIATE), seen, serving(BACKUP), at("12:00:00")))
        .isInstanceOf(Choice.Switch.class);
  }

  @Test
  void a_failover_waits_for_no_condition_of_a_failback() {
    Map<ServerId, Candidate> seen =
        Map.of(BACKUP, candidate(Look.DOWN), MASTER, upSince(at("00:00:00")));
    assertThat(Failover.choose(all(Policy.DELAYED), seen, serving(BACKUP), at("12:00:00")))
        .isInstanceOfSatisfying(
            Choice.Switch.class, change -> assertThat(change.to()).isEqualTo(MASTER));
  }

  @Test
  void an_operators_switch_waits_for_no_condition_of_a_failback() {
    Map<ServerId, Candidate> seen = seen(at("00:00:00"), 99, false);
    assertThat(Failover.switchTo(all(Policy.DELAYED), seen, serving(BACKUP), MASTER)).isPresent();
  }

  @Test
  void a_pinned_or_a_manual_pool_warms_nobody_up() {
    Map<ServerId, Candidate> seen = seen(at("00:00:00"), 0, false);
    RoleState pinned = new RoleState(BACKUP, 7, BACKUP, 0, null, RoleMemory.NONE);
    assertThat(FailbackEligibility.of(all(Policy.DELAYED), seen, pinned, at("01:00:00")).warmUp())
        .isNull();
    assertThat(
            FailbackEligibility.of(all(Policy.MANUAL), seen, serving(BACKUP), at("01:00:00"))
                .warmUp())
        .isNull();
  }

  /** A time of 2026-01-05 in UTC; hours beyond 24 are of the next day. */
  private static Instant at(String time) {
    String[] parts = time.split(":", -1);
    return Instant.parse("2026-01-05T00:00:00Z")
        .plusSeconds(
            Integer.parseInt(parts[0]) * 3600L
                + Integer.parseInt(parts[1]) * 60L
                + Integer.parseInt(parts[2]));
  }
}
