package dev.understudy.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.database.ObservedClaim.Measured;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.FailbackFitness;
import dev.understudy.failover.Lag;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestPools;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DataLagsTest {
  private static final Instant ZERO = Instant.parse("2026-01-01T00:00:00Z");
  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final Pool POOL =
      TestPools.pool(new PoolId("db")).master("a", 1).backup("b", 2).build();

  /** What was seen last of each server. */
  private final Map<ServerId, Candidate> seen = new HashMap<>();

  private RoleState roleState = RoleState.NONE.next(A);
  private DataLags lags = DataLags.NONE;

  // Checks that end, in this order: "a@2:100" has found 100 bytes at server a, asked after 2 s; "-"
  // for no position; "B" serves from then on, "nobody" does. Then how many bytes server b is
  // behind,
  // when the primary was asked last, since when, and the time of it.
  @Rows(
      """
      what was never seen is not known                  | a@0:100                                | -
      a standby of a primary that was never seen neither | b@0:100                               | -
      a primary that is asked later is no measure       | b@0:100; a@1:100                       | -
      a standby that has all is level as of the primary's check | a@0:100; b@1:100                | 0 as of 0, since 0, 0 s
      one that has more is level too                    | a@0:100; b@1:150                       | 0 as of 0, since 0, 0 s
      one that has less is behind since the first check | a@0:100; a@3:200; b@4:50               | 150 as of 3, since 0, 3 s
      one that has what there was before is behind since then | a@0:100; a@2:200; a@4:300; b@5:200 | 100 as of 4, since 2, 2 s
      between two checks the earlier one counts         | a@0:100; a@2:200; a@4:300; b@5:250     | 50 as of 4, since 2, 2 s
      a primary that writes nothing is asked on         | a@0:100; a@60:100; b@61:100            | 0 as of 60, since 60, 0 s
      what was not written takes no time                | a@0:100; a@60:100; a@62:200; b@63:100  | 100 as of 62, since 60, 2 s
      a standby that was asked before the newest check is measured by the one before | a@0:100; a@2:900; b@1:100 | 0 as of 0, since 0, 0 s
      a check in the time of which the primary wrote nothing counts to its own time | a@0:100; a@4:100; b@2:100 | 0 as of 2, since 2, 0 s
      a later check of the primary alone changes nothing | a@0:100; b@1:100; a@2:900             | 0 as of 0, since 0, 0 s
      a standby that is cut off falls behind            | a@0:100; b@1:100; a@2:900; b@3:100     | 800 as of 2, since 0, 2 s
      a primary that fails is measured as it was last   | a@0:100; a@2:900; a@3:-; b@4:100; b@9:500 | 400 as of 2, since 0, 2 s
      so is one that nobody replaces                    | a@0:100; a@2:900; nobody; b@9:500      | 400 as of 2, since 0, 2 s
      a standby that catches up is level                | a@0:100; a@2:900; nobody; b@9:900      | 0 as of 2, since 2, 0 s
      a standby whose position is not seen is not known | a@0:100; b@1:50; b@2:-                 | -
      another primary begins anew                       | a@0:100; b@1:50; B                     | -
      the old one is measured by it                     | a@0:100; B; b@1:50; b@2:70; a@3:60     | a: 10 as of 2, since 1, 1 s
      a check that comes late changes no sample         | a@2:200; a@1:100; b@3:150              | 50 as of 2, since 2, 0 s
      """)
  void the_lag_follows_from_the_checks_of_both(String says, String checks, String lag) {
    for (String check : checks.split("; ")) {
      ended(check);
    }
    boolean ofA = lag.startsWith("a: ");
    assertThat(words(lags.of(ofA ? A : B))).isEqualTo(lag.replace("a: ", ""));
  }

  private void ended(String check) {
    if (check.equals("B")) {
      roleState = roleState.next(B);
    } else if (check.equals("nobody")) {
      roleState = roleState.with(new RoleMemory(A, null, Set.of())).next(null);
    } else {
      ServerId server = new ServerId(check.substring(0, 1));
      String[] parts = check.substring(2).split(":");
      seen.put(server, candidate(server, at(parts[0]), parts[1]));
    }
    lags = lags.next(POOL, seen, roleState);
  }

  private Candidate candidate(ServerId server, Instant asked, String bytes) {
    boolean primary = server.equals(roleState.serving());
    Measured measured =
        bytes.equals("-") ? null : new Measured(wal(Long.parseLong(bytes)), asked, primary);
    return candidate(primary && measured != null, measured);
  }

  private static DataPosition wal(long bytes) {
    return new DataPosition.Wal(bytes, bytes);
  }

  private static Candidate candidate(boolean up, @Nullable Measured measured) {
    ObservedClaim none = ObservedClaim.NONE;
    return new Candidate(
            up ? HealthStatus.UP : HealthStatus.DOWN,
            ZERO,
            true,
            false,
            false,
            OperatorState.READY,
            false,
            FailbackFitness.BY_TIME,
            "")
        .with(new ObservedClaim(none.origin(), !up, null, null, null, measured), false);
  }

  private static Instant at(String seconds) {
    return ZERO.plusSeconds(Long.parseLong(seconds));
  }

  private static String words(@Nullable Lag lag) {
    return lag == null
        ? "-"
        : "%d as of %d, since %d, %d s"
            .formatted(
                lag.amount().orElse(-1),
                Duration.between(ZERO, lag.asOf()).toSeconds(),
                Duration.between(ZERO, lag.level()).toSeconds(),
                lag.time().toSeconds());
  }

  @Test
  void a_primary_that_writes_for_ever_leaves_a_bounded_number_of_samples_of_all_its_time() {
    for (int second = 0; second < 10_000; second++) {
      ended("a@" + second + ":" + second);
    }
    assertThat(lags.samples()).hasSizeLessThanOrEqualTo(DataLags.MOST_SAMPLES);
    ended("b@10001:9000");
    Lag lag = lags.of(B);
    assertThat(words(lag)).startsWith("999 as of 9999, since ");
    assertThat(lag.time()).isBetween(Duration.ofSeconds(999), Duration.ofSeconds(9_999));
    ended("b@10002:9998");
    assertThat(lags.of(B).time()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void data_of_another_stream_is_behind_for_as_long_as_the_primary_was_seen() {
    Instant asked = ZERO.plusSeconds(40);
    for (int second : new int[] {0, 20, 39}) {
      seen.put(
          A,
          candidate(
              true,
              new Measured(new DataPosition.Offset("a", second), ZERO.plusSeconds(second), true)));
      lags = lags.next(POOL, seen, roleState);
    }
    seen.put(B, candidate(false, new Measured(new DataPosition.Offset("b", 99), asked, false)));
    lags = lags.next(POOL, seen, roleState);
    assertThat(words(lags.of(B))).isEqualTo("-1 as of 39, since 0, 39 s");
  }

  @Test
  void a_balance_pool_has_no_primary() {
    Pool balance =
        TestPools.pool(new PoolId("db"))
            .mode(PoolMode.BALANCE)
            .master("a", 1)
            .backup("b", 2)
            .build();
    seen.put(A, candidate(A, ZERO, "100"));
    assertThat(DataLags.NONE.next(balance, seen, roleState)).isEqualTo(DataLags.NONE);
  }
}
