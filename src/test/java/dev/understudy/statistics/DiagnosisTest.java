package dev.understudy.statistics;

import static dev.understudy.statistics.States.down;
import static dev.understudy.statistics.States.failover;
import static dev.understudy.statistics.States.unknown;
import static dev.understudy.statistics.States.up;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.network.Networks;
import dev.understudy.pool.Operator;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The condition of pools, and the sentence that an operator reads at three in the morning. */
class DiagnosisTest {
  private static final Duration MINUTES = Duration.ofMinutes(3);

  private record Row(
      String situation, States pool, ServiceCondition condition, int severity, String cause) {}

  private static States.Is refused() {
    return down(MINUTES, ProbeOutcome.CONNECT_FAILED, "connection refused");
  }

  private static States.Is status503() {
    return down(Duration.ofSeconds(42), ProbeOutcome.BAD_STATUS, "status 503");
  }

  private static ChoiceExplanation awaited(boolean due) {
    return new ChoiceExplanation.FailbackAwaited(
        new ServerId("sen1"),
        new ServerId("sen2"),
        due ? States.NOW.plusSeconds(20) : null,
        due ? "damped, 2nd failback within 10 min" : "waits for an operator (manual)");
  }

  private static PoolMaintenance maintenance(@Nullable Duration time) {
    Instant until = time == null ? null : States.NOW.plus(time);
    return new PoolMaintenance(
        true, States.NOW, until, Networks.NONE, new Operator("alice", "disk swap"));
  }

  private static Stream<Row> rows() {
    return Stream.of(
        row("the master serves and the backup waits", ServiceCondition.WELL, 0, null)
            .of(sense().master("sen2", up()).backup("sen1", up()).serving("sen2")),
        row(
                "the server that served before is not fenced",
                ServiceCondition.DEGRADED,
                1,
                "sen2 has not been fenced since 17:58:30 UTC")
            .of(
                sense()
                    .master("sen1", up())
                    .backup("sen2", up())
                    .serving("sen1")
                    .owed(null, "sen2")),
        row(
                "neither hook of a failover has succeeded",
                ServiceCondition.DEGRADED,
                2,
                "sen2 has not been fenced since 17:58:30 UTC; sen1 serves, but has not been"
                    + " promoted yet; sen2 (master) DOWN for 3 min: connection refused; sen1"
                    + " serves")
            .of(
                sense()
                    .master("sen2", refused())
                    .backup("sen1", up())
                    .serving("sen1")
                    .owed("sen1", "sen2")),
        row(
                "a server is promoted before it serves",
                ServiceCondition.NOBODY,
                3,
                "nobody serves: sen1 is to be promoted before it serves")
            .of(sense().master("sen2", refused()).backup("sen1", up()).owed("sen1", "sen2")),
        row("the backup's first check has not ended", ServiceCondition.WELL, 0, null)
            .of(sense().master("sen2", up()).backup("sen1", unknown()).serving("sen2")),
        row(
                "the backup serves and the master's first check has not ended",
                ServiceCondition.DEGRADED,
                1,
                "sen2 (master) not checked yet; sen1 serves")
            .of(sense().master("sen2", unknown()).backup("sen1", up()).serving("sen1")),
        row(
                "the master refuses connections, the backup serves",
                ServiceCondition.DEGRADED,
                2,
                "sen2 (master) DOWN for 3 min: connection refused; sen1 serves")
            .of(sense().master("sen2", refused()).backup("sen1", up()).serving("sen1")),
        row(
                "the backup is DOWN behind a master that serves",
                ServiceCondition.DEGRADED,
                2,
                "sen1 (backup) DOWN for 40 s: status 503; sen2 serves")
            .of(sense().master("sen2", up()).backup("sen1", status503()).serving("sen2")),
        row(
                "a DOWN server has just been good once",
                ServiceCondition.DEGRADED,
                2,
                "sen2 (master) DOWN: the last check was good; sen1 serves")
            .of(
                sense()
                    .master("sen2", down(Duration.ofSeconds(1), ProbeOutcome.OK, "status 200"))
                    .backup("sen1", up())
                    .serving("sen1")),
        row(
                "the serving server is DOWN, but responds, and no other is usable",
                ServiceCondition.DEGRADED,
                2,
                "sen2 (master) serves although DOWN for 40 s: status 503; sen1 (backup) in"
                    + " maintenance (operator); no other server is usable")
            .of(
                sense()
                    .master("sen2", status503())
                    .backup("sen1", up().maintenance())
                    .serving("sen2")),
        row(
                "the only server is DOWN, but responds",
                ServiceCondition.DEGRADED,
                2,
                "sen2 (master) serves although DOWN for 40 s: status 503")
            .of(sense().master("sen2", status503()).serving("sen2")),
        row(
                "the master's circuit breaker is open",
                ServiceCondition.DEGRADED,
                2,
                "sen2 (master) circuit breaker open: too many requests failed; sen1 serves")
            .of(sense().master("sen2", up().open()).backup("sen1", up()).serving("sen1")),
        row(
                "an operator took the master out",
                ServiceCondition.DEGRADED,
                1,
                "sen2 (master) in maintenance (operator); sen1 serves")
            .of(sense().master("sen2", up().maintenance()).backup("sen1", up()).serving("sen1")),
        row(
                "an operator set the whole pool to maintenance",
                ServiceCondition.DEGRADED,
                1,
                "in maintenance, by alice: disk swap")
            .of(
                sense()
                    .master("sen2", up().maintenance())
                    .backup("sen1", up())
                    .serving("sen1")
                    .maintenance(maintenance(null))),
        row(
                "the same until a time today, and no server is usable",
                ServiceCondition.DEGRADED,
                2,
                "in maintenance until 20:00:00 UTC, by alice: disk swap; nobody serves: sen2"
                    + " connection refused")
            .of(sense().master("sen2", refused()).maintenance(maintenance(Duration.ofHours(2)))),
        row(
                "an operator drains the backup",
                ServiceCondition.DEGRADED,
                1,
                "sen1 (backup) set to drain (operator); sen2 serves")
            .of(sense().master("sen2", up()).backup("sen1", up().drain()).serving("sen2")),
        row(
                "the master is back and the failback is damped",
                ServiceCondition.DEGRADED,
                1,
                "sen2 (master) is usable; sen1 serves, failback at 18:00:20 UTC (damped, 2nd"
                    + " failback within 10 min)")
            .of(
                sense()
                    .master("sen2", up())
                    .backup("sen1", up())
                    .serving("sen1")
                    .explanation(awaited(true))),
        row(
                "the master is back and the failback is an operator's",
                ServiceCondition.DEGRADED,
                1,
                "sen2 (master) is usable; sen1 serves, waits for an operator (manual)")
            .of(
                sense()
                    .master("sen2", up())
                    .backup("sen1", up())
                    .serving("sen1")
                    .explanation(awaited(false))),
        row(
                "nobody serves: one is sick and one was taken out",
                ServiceCondition.NOBODY,
                3,
                "nobody serves: sen2 status 503, sen1 maintenance (operator)")
            .of(sense().master("sen2", status503()).backup("sen1", up().maintenance())),
        row(
                "nobody serves: both refuse",
                ServiceCondition.NOBODY,
                3,
                "nobody serves: sen2 connection refused, sen1 connection refused")
            .of(sense().master("sen2", refused()).backup("sen1", refused())),
        row(
                "nothing was checked yet",
                ServiceCondition.NOBODY,
                3,
                "nobody serves: sen2 not checked yet, sen1 not checked yet")
            .of(sense().master("sen2", unknown()).backup("sen1", unknown())),
        row(
                "a planned switch holds the clients",
                ServiceCondition.DEGRADED,
                1,
                "a planned switch to sen1 holds all clients")
            .of(
                sense()
                    .master("sen2", up())
                    .backup("sen1", up())
                    .serving("sen2")
                    .planned(SwitchPhase.PROMOTING, "sen2 is fenced")),
        row(
                "a planned switch failed, and nobody decided since then",
                ServiceCondition.NOBODY,
                3,
                "nobody serves: a planned switch failed, an operator has to switch to a server:"
                    + " sen1 could not be promoted, and sen2 neither")
            .of(
                sense()
                    .master("sen2", up())
                    .backup("sen1", up())
                    .planned(SwitchPhase.FAILED, "sen1 could not be promoted, and sen2 neither")),
        row(
                "the replicas have not chosen yet",
                ServiceCondition.NOBODY,
                3,
                "nobody serves: sen2 UP, not chosen yet")
            .of(sense().master("sen2", up())),
        row(
                "out of touch and on hold",
                ServiceCondition.NOBODY,
                3,
                "nobody serves: this replica is out of touch with the others and must not decide"
                    + " alone")
            .of(sense().master("sen2", up()).serving("sen2").suspended()),
        row("all masters of a balance pool are usable", ServiceCondition.WELL, 0, null)
            .of(States.balance("b").master("a", up()).master("b", up()).backup("c", up())),
        row(
                "one of two balanced servers is DOWN",
                ServiceCondition.DEGRADED,
                2,
                "b (master) DOWN for 3 min: connection refused; a serves")
            .of(States.balance("b").master("a", up()).master("b", refused())),
        row(
                "one of four balanced servers is DOWN",
                ServiceCondition.DEGRADED,
                2,
                "d (master) DOWN for 3 min: connection refused; 3 of 4 serve")
            .of(
                States.balance("b")
                    .master("a", up())
                    .master("b", up())
                    .master("c", up())
                    .master("d", refused())),
        row(
                "backups stand in for the masters of a balance pool",
                ServiceCondition.DEGRADED,
                2,
                "a (master) DOWN for 3 min: connection refused; b and c serve")
            .of(States.balance("b").master("a", refused()).backup("b", up()).backup("c", up())),
        row(
                "no balanced server is usable",
                ServiceCondition.NOBODY,
                3,
                "nobody serves: a connection refused, b drain (operator)")
            .of(States.balance("b").master("a", refused()).master("b", up().drain())),
        row(
                "more servers are DOWN than a sentence can name",
                ServiceCondition.NOBODY,
                3,
                "nobody serves: a status 503, b status 503, c status 503, d status 503, and 1 more")
            .of(
                States.balance("b")
                    .master("a", status503())
                    .master("b", status503())
                    .master("c", status503())
                    .master("d", status503())
                    .master("e", status503())));
  }

  private static States sense() {
    return failover("sense");
  }

  private interface Unfinished {
    Row of(States pool);
  }

  private static Unfinished row(
      String situation, ServiceCondition condition, int severity, String cause) {
    return pool -> new Row(situation, pool, condition, severity, cause);
  }

  @TestFactory
  Stream<DynamicTest> each_situation_has_its_condition_and_cause() {
    return rows()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.situation(),
                    () ->
                        assertThat(Diagnosis.of(row.pool().state(), States.NOW))
                            .isEqualTo(
                                new Diagnosis(
                                    row.condition(), row.severity(), row.cause(), null))));
  }

  @ParameterizedTest(name = "{0} s: \"{1}\"")
  @CsvSource(
      value = {
        "0      | ''",
        "4      | ''",
        "5      | ' for 5 s'",
        "59     | ' for 55 s'",
        "60     | ' for 1 min'",
        "7199   | ' for 119 min'",
        "7200   | ' for 2 h'",
        "172799 | ' for 47 h'",
        "172800 | ' for 2 days'",
      },
      delimiter = '|')
  void durations_are_coarse(long seconds, String words) {
    assertThat(Diagnosis.lasting(Duration.ofSeconds(seconds))).isEqualTo(words);
  }
}
