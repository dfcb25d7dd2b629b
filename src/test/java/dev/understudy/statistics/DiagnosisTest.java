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
import dev.understudy.snapshot.Authority;
import dev.understudy.switchover.SwitchPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The condition of pools, and the sentence that an operator reads at three in the morning. */
class DiagnosisTest {
  private static final Duration MINUTES = Duration.ofMinutes(3);

  /** A situation, the pool in it, and what is said of it. */
  private static final String SITUATIONS =
      """
      the master serves and the backup waits
        sen2 up master, sen1 up backup, sen2 serves
        WELL 0
      the server that served before is not fenced
        sen1 up master, sen2 up backup, sen1 serves, sen2 owed
        DEGRADED 1: server sen2 has not been fenced since 17:58:30 UTC
      neither hook of a failover has succeeded
        sen2 refused master, sen1 up backup, sen1 serves, sen2 owed, sen1 promoted
        DEGRADED 2: server sen2 has not been fenced since 17:58:30 UTC; server sen1 serves, but has not been promoted yet; server sen2 (master) DOWN for 3 min: connection refused; server sen1 serves
      a server is promoted before it serves
        sen2 refused master, sen1 up backup, sen2 owed, sen1 promoted
        NOBODY 3: nobody serves pool sense: server sen1 has to be promoted before it serves
      the backup's first check has not ended
        sen2 up master, sen1 unknown backup, sen2 serves
        WELL 0
      the backup serves and the master's first check has not ended
        sen2 unknown master, sen1 up backup, sen1 serves
        DEGRADED 1: server sen2 (master) not checked yet; server sen1 serves
      the master refuses connections, the backup serves
        sen2 refused master, sen1 up backup, sen1 serves
        DEGRADED 2: server sen2 (master) DOWN for 3 min: connection refused; server sen1 serves
      the backup is DOWN behind a master that serves
        sen2 up master, sen1 status503 backup, sen2 serves
        DEGRADED 2: server sen1 (backup) DOWN for 40 s: status 503; server sen2 serves
      a DOWN server has just been good once
        sen2 good-once master, sen1 up backup, sen1 serves
        DEGRADED 2: server sen2 (master) DOWN: the last check was good; server sen1 serves
      the serving server is DOWN, but responds, and no other is usable
        sen2 status503 master, sen1 maintenance backup, sen2 serves
        DEGRADED 2: server sen2 (master) serves although DOWN for 40 s: status 503; server sen1 (backup) in maintenance (operator); no other server is usable
      the only server is DOWN, but responds
        sen2 status503 master, sen2 serves
        DEGRADED 2: server sen2 (master) serves although DOWN for 40 s: status 503
      the master's circuit breaker is open
        sen2 open master, sen1 up backup, sen1 serves
        DEGRADED 2: server sen2 (master) circuit breaker open: too many requests failed; server sen1 serves
      the master serves, and nobody knows how it is
        sen2 late master, sen1 up backup, sen2 serves
        DEGRADED 2: checks are late: server sen2 (master) not checked for 3 min; server sen2 serves
      nobody knows how the backup is
        sen2 up master, sen1 late backup, sen2 serves
        DEGRADED 1: checks are late: server sen1 (backup) not checked for 3 min; server sen2 serves
      both are checked too late, one of them at a short interval
        sen2 just-late master, sen1 late backup, sen2 serves
        DEGRADED 2: checks are late: server sen2 (master) not checked in time, server sen1 (backup) not checked for 3 min; server sen2 serves
      the master was DOWN when it was last checked
        sen2 late-refused master, sen1 up backup, sen1 serves
        DEGRADED 2: server sen2 (master) DOWN for 3 min: connection refused; checks are late: server sen2 (master) not checked for 40 s; server sen1 serves
      nobody serves, and what is known of a server is old
        sen2 late-refused master, sen1 refused backup
        NOBODY 3: nobody serves pool sense: server sen2: connection refused, not checked for 40 s; server sen1: connection refused
      the whole pool is in maintenance while its checks are late
        sen2 late master, sen2 serves, pool maintained
        DEGRADED 2: in maintenance, nobody is served, by alice: disk swap; behind the maintenance: checks are late: server sen2 (master) not checked for 3 min; server sen2 serves
      an operator took the master out
        sen2 maintenance master, sen1 up backup, sen1 serves
        DEGRADED 1: server sen2 (master) in maintenance (operator); server sen1 serves
      an operator set the whole pool to maintenance
        sen2 maintenance master, sen1 up backup, sen1 serves, pool maintained
        DEGRADED 1: in maintenance, nobody is served, by alice: disk swap
      the same until a time today, and no server is usable
        sen2 refused master, pool maintained-until-8
        DEGRADED 2: in maintenance, nobody is served until 20:00:00 UTC, by alice: disk swap; behind the maintenance: nobody serves pool sense: server sen2: connection refused
      an operator drains the backup
        sen2 up master, sen1 drained backup, sen2 serves
        DEGRADED 1: server sen1 (backup) set to drain (operator); server sen2 serves
      the master is back and the failback is damped
        sen2 up master, sen1 up backup, sen1 serves, failback damped
        DEGRADED 1: server sen2 (master) is usable; server sen1 serves, failback at 18:00:20 UTC (damped, 2nd failback within 10 min)
      the master is back and the failback is an operator's
        sen2 up master, sen1 up backup, sen1 serves, failback manual
        DEGRADED 1: server sen2 (master) is usable; server sen1 serves, waits for an operator (manual)
      nobody serves: one is sick and one was taken out
        sen2 status503 master, sen1 maintenance backup
        NOBODY 3: nobody serves pool sense: server sen2: status 503; server sen1: maintenance (operator)
      nobody serves: both refuse
        sen2 refused master, sen1 refused backup
        NOBODY 3: nobody serves pool sense: server sen2: connection refused; server sen1: connection refused
      nothing was checked yet
        sen2 unknown master, sen1 unknown backup
        NOBODY 3: nobody serves pool sense: server sen2: not checked yet; server sen1: not checked yet
      a planned switch holds the clients
        sen2 up master, sen1 up backup, sen2 serves, switch promotes
        DEGRADED 1: a planned switch to server sen1 holds all clients
      a planned switch failed, and nobody decided since then
        sen2 up master, sen1 up backup, sen1 promoted, switch failed
        NOBODY 3: nobody serves pool sense: server sen1 has to be promoted before it serves; a planned switch failed before: sen1 could not be promoted, and sen2 neither
      the replicas have not chosen yet
        sen2 up master
        NOBODY 3: nobody serves pool sense: server sen2: UP, not chosen yet
      out of touch and on hold
        sen2 up master, sen2 serves, replica suspended
        NOBODY 3: nobody serves pool sense: this replica is out of touch with the others and must not decide alone
      in touch again and on hold until the record is known
        sen2 up master, sen2 serves, replica doubtful
        NOBODY 3: nobody serves pool sense: this replica does not know for now what the others agreed on
      all masters of a balance pool are usable
        balance, a up master, b up master, c up backup
        WELL 0
      one of two balanced servers is DOWN
        balance, a up master, b refused master
        DEGRADED 2: server b (master) DOWN for 3 min: connection refused; server a serves
      one of four balanced servers is DOWN
        balance, a up master, b up master, c up master, d refused master
        DEGRADED 2: server d (master) DOWN for 3 min: connection refused; 3 of 4 servers serve
      backups stand in for the masters of a balance pool
        balance, a refused master, b up backup, c up backup
        DEGRADED 2: server a (master) DOWN for 3 min: connection refused; servers b and c serve
      no balanced server is usable
        balance, a refused master, b drained master
        NOBODY 3: nobody serves pool b: server a: connection refused; server b: drain (operator)
      more servers are DOWN than a sentence can name
        balance, a status503 master, b status503 master, c status503 master, d status503 master, e status503 master
        NOBODY 3: nobody serves pool b: server a: status 503; server b: status 503; server c: status 503; server d: status 503; and 1 more
      """;

  private static States pool(String words) {
    States pool = words.startsWith("balance") ? States.balance("b") : failover("sense");
    for (String word : words.replaceFirst("^balance, ", "").split(", ")) {
      String[] parts = word.split(" ");
      String what = parts[1];
      switch (parts[parts.length - 1]) {
        case "master" -> pool.master(parts[0], is(what));
        case "backup" -> pool.backup(parts[0], is(what));
        case "serves" -> pool.serving(parts[0]);
        case "owed" -> pool.fence(parts[0]);
        case "promoted" -> pool.promote(parts[0]);
        case "maintained" -> pool.maintenance(maintenance(null));
        case "maintained-until-8" -> pool.maintenance(maintenance(Duration.ofHours(2)));
        case "damped" ->
            pool.explanation(
                awaited(States.NOW.plusSeconds(20), "damped, 2nd failback within 10 min"));
        case "manual" -> pool.explanation(awaited(null, "waits for an operator (manual)"));
        case "promotes" -> pool.planned(SwitchPhase.PROMOTING, "sen2 is fenced");
        case "failed" ->
            pool.planned(SwitchPhase.FAILED, "sen1 could not be promoted, and sen2 neither");
        case "suspended" -> pool.authority(new Authority(true, true, () -> false));
        case "doubtful" -> pool.authority(new Authority(false, true, () -> true));
        default -> throw new IllegalArgumentException(word);
      }
    }
    return pool;
  }

  private static States.Is is(String word) {
    return switch (word) {
      case "up" -> up();
      case "unknown" -> unknown();
      case "late" -> up().late(MINUTES);
      case "just-late" -> up().late(Duration.ofSeconds(4));
      case "late-refused" ->
          down(MINUTES, ProbeOutcome.CONNECT_FAILED, "connection refused")
              .late(Duration.ofSeconds(42));
      case "refused" -> down(MINUTES, ProbeOutcome.CONNECT_FAILED, "connection refused");
      case "status503" -> down(Duration.ofSeconds(42), ProbeOutcome.BAD_STATUS, "status 503");
      case "good-once" -> down(Duration.ofSeconds(1), ProbeOutcome.OK, "status 200");
      case "maintenance" -> up().maintenance();
      case "drained" -> up().drain();
      case "open" -> up().open();
      default -> throw new IllegalArgumentException(word);
    };
  }

  private static ChoiceExplanation awaited(@Nullable Instant due, String why) {
    return new ChoiceExplanation.FailbackAwaited(
        new ServerId("sen1"), new ServerId("sen2"), due, why);
  }

  private static PoolMaintenance maintenance(@Nullable Duration time) {
    Instant until = time == null ? null : States.NOW.plus(time);
    return new PoolMaintenance(
        true, States.NOW, until, Networks.NONE, new Operator("alice", "disk swap"));
  }

  private static Stream<Arguments> situations() {
    List<String> lines = SITUATIONS.lines().map(String::strip).toList();
    return IntStream.range(0, lines.size() / 3)
        .mapToObj(i -> lines.subList(3 * i, 3 * i + 3).toArray())
        .map(Arguments::of);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("situations")
  void each_situation_has_its_condition_and_cause(String situation, String pool, String said) {
    String[] parts = said.split("[ :]+", 3);
    Diagnosis expected =
        new Diagnosis(
            ServiceCondition.valueOf(parts[0]),
            Integer.parseInt(parts[1]),
            parts.length == 3 ? parts[2] : null,
            null);
    assertThat(Diagnosis.of(pool(pool).state(), States.NOW)).isEqualTo(expected);
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
