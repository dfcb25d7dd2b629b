package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.DataHistory;
import dev.understudy.health.DataHistory.Replication;
import dev.understudy.health.DataHistory.Timeline;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Event.TwoPrimaries;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What claims to be primary is doubted, and never followed by itself. */
class MonitorTwoPrimariesTest {
  private static final DataHistory FIRST = new Replication("1111", "0000", false);
  private static final DataHistory SECOND = new Replication("2222", "1111", false);
  private static final DataHistory THIRD = new Replication("3333", "2222", false);
  private static final DataHistory OTHER = new Replication("4444", "0000", false);

  private Bench bench = new Bench();

  @TempDir private Path directory;

  @AfterEach
  void close() {
    bench.close();
  }

  private static Server server(ServerId id, String host, Rank rank) {
    ServerAddress address = new ServerAddress(Protocol.TCP, false, host, 6379);
    return TestServers.of(id, address, rank, OptionalInt.empty());
  }

  private static Pool database(FailbackSettings.Policy policy) {
    RedisCheck check = new RedisCheck(null, null, DatabaseRole.PRIMARY, CheckConnection.DEFAULT);
    return TestPools.pool(SENSE)
        .servers(server(MASTER, "192.0.2.2", Rank.MASTER), server(BACKUP, "192.0.2.1", Rank.BACKUP))
        .health(TestSettings.health(check))
        .failback(TestSettings.failback(policy, Duration.ofSeconds(30)))
        .build();
  }

  /** A pool whose checks prove the role. */
  static Pool database() {
    return database(FailbackSettings.Policy.MANUAL);
  }

  private void is(ServerId server, Behaviour behaviour) {
    bench.prober.set(server, behaviour);
  }

  /** The master is left in one way or another, the backup promoted, and the master is back. */
  private void masterReturnsAfterAPromotion(Behaviour gone, Pool pool) {
    is(BACKUP, Behaviour.STANDBY);
    bench.begin(pool);
    assertThat(bench.serving()).isEqualTo(MASTER);
    is(MASTER, gone);
    while (bench.server(MASTER).status() != HealthStatus.DOWN) {
      bench.advance(1);
    }
    is(BACKUP, Behaviour.HEALTHY);
    bench.advanceUntilServing(BACKUP);
    bench.advance(5_000);
    is(MASTER, Behaviour.HEALTHY);
    while (bench.server(MASTER).status() != HealthStatus.UP) {
      bench.advance(1);
    }
  }

  private List<TwoPrimaries> told() {
    return bench.events(TwoPrimaries.class);
  }

  @ParameterizedTest
  @EnumSource(FailbackSettings.Policy.class)
  void a_stale_primary_is_shown_and_not_followed_whatever_the_policy(
      FailbackSettings.Policy policy) {
    masterReturnsAfterAPromotion(Behaviour.FROZEN, database(policy));
    bench.advance(120_000);

    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.server(MASTER).usable()).isFalse();
    assertThat(bench.server(MASTER).isStale()).isTrue();
    assertThat(told())
        .singleElement()
        .satisfies(
            two -> {
              assertThat(two.serving()).isEqualTo(BACKUP);
              assertThat(two.server()).isEqualTo(MASTER);
              assertThat(two.over()).isFalse();
              assertThat(two.message())
                  .matches(
                      "Pool sense: two primaries: sen2 claims to be primary since .* UTC, while"
                          + " sen1 serves: fence it");
            });
    assertThat(bench.pool().twoPrimaries()).isNotNull();
    assertThat(bench.reasons()).doesNotContain(SwitchReason.FAILBACK);
  }

  @ParameterizedTest
  @EnumSource(
      value = Behaviour.class,
      names = {"FROZEN", "KILLED", "KILLED_BEHIND_RELAY", "BLACK_HOLED", "ILL"})
  void a_stale_primary_does_not_get_the_role_when_the_serving_one_fails(Behaviour gone) {
    masterReturnsAfterAPromotion(gone, database());
    is(BACKUP, Behaviour.KILLED);
    bench.advance(60_000);

    assertThat(bench.serving()).isNotEqualTo(MASTER);
    is(BACKUP, Behaviour.HEALTHY);
    bench.advanceUntilServing(BACKUP);
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(BACKUP);
  }

  @Test
  void an_operator_may_switch_to_a_stale_primary() {
    masterReturnsAfterAPromotion(Behaviour.FROZEN, database());
    assertThat(bench.result(bench.monitor.switchTo(SENSE, MASTER, null)))
        .isInstanceOf(Result.Done.class);
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @Test
  void fencing_the_second_primary_is_an_event_and_a_promoted_one_may_serve_again() {
    masterReturnsAfterAPromotion(Behaviour.FROZEN, database());
    bench.advance(1_000);
    is(MASTER, Behaviour.STANDBY);
    bench.advance(10_000);
    assertThat(told()).hasSize(2).last().returns(true, TwoPrimaries::over);
    assertThat(bench.pool().twoPrimaries()).isNull();

    is(BACKUP, Behaviour.KILLED);
    bench.advance(2_000);
    is(MASTER, Behaviour.HEALTHY);
    bench.advanceUntilServing(MASTER);
    assertThat(bench.reasons()).last().isEqualTo(SwitchReason.RECOVERED);
  }

  @Test
  void a_switchover_that_promotes_one_and_demotes_the_other_is_followed_and_is_no_alarm() {
    is(BACKUP, Behaviour.STANDBY);
    bench.begin(database());
    is(BACKUP, Behaviour.HEALTHY);
    bench.advance(50);
    is(MASTER, Behaviour.STANDBY);
    bench.advanceUntilServing(BACKUP);
    bench.advance(30_000);
    is(MASTER, Behaviour.HEALTHY);
    bench.advance(50);
    is(BACKUP, Behaviour.STANDBY);
    bench.advanceUntilServing(MASTER);
    bench.advance(30_000);
    assertThat(told()).isEmpty();
  }

  @Test
  void a_primary_that_restarts_by_itself_serves_again() {
    is(BACKUP, Behaviour.STANDBY);
    bench.begin(database());
    is(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(null);
    is(MASTER, Behaviour.HEALTHY);
    bench.advanceUntilServing(MASTER);
    assertThat(bench.reasons()).last().isEqualTo(SwitchReason.RECOVERED);
  }

  @Test
  void a_redis_that_restarts_empty_before_any_promotion_waits_for_an_operator() {
    is(BACKUP, Behaviour.STANDBY);
    bench.prober.data(MASTER, new Replication("1111", "0000", false));
    bench.begin(database());
    is(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(null);
    bench.prober.data(MASTER, new Replication("2222", "0000", true));
    is(MASTER, Behaviour.HEALTHY);
    bench.advance(60_000);
    assertThat(bench.serving()).isNull();

    // It was the backup's turn: its data is there.
    bench.prober.data(BACKUP, new Replication("3333", "1111", false));
    is(BACKUP, Behaviour.HEALTHY);
    bench.advanceUntilServing(BACKUP);
  }

  @Test
  void a_redis_that_restarts_empty_between_two_probes_waits_for_an_operator() {
    is(BACKUP, Behaviour.STANDBY);
    bench.prober.data(MASTER, new Replication("1111", "0000", false));
    bench.begin(database());
    bench.advance(10_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    bench.prober.data(MASTER, new Replication("2222", "0000", true));
    bench.advanceUntilServing(null);
    assertThat(bench.events())
        .filteredOn(Event.Switched.class::isInstance)
        .last()
        .extracting(Event::message)
        .asString()
        .contains("came back without its data (replication ID 1111)");
    bench.advance(60_000);
    assertThat(bench.serving()).isNull();

    assertThat(bench.result(bench.monitor.switchTo(SENSE, MASTER, null)))
        .isEqualTo(new OperatorCommands.Result.Done(true));
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    bench.result(bench.monitor.switchTo(SENSE, null, null));
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_redis_that_restarts_with_its_data_or_is_flushed_goes_on(boolean flushed) {
    is(BACKUP, Behaviour.STANDBY);
    bench.prober.data(MASTER, new Replication("1111", "0000", false));
    bench.begin(database());
    bench.prober.data(MASTER, new Replication(flushed ? "1111" : "2222", "0000", flushed));
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  private void bothClaimFromTheStart(DataHistory master, DataHistory backup) {
    bench.prober.data(MASTER, master);
    bench.prober.data(BACKUP, backup);
    bench.begin(database());
  }

  @Test
  void the_one_whose_data_went_on_serves_if_two_claim_the_role_at_the_start() {
    bothClaimFromTheStart(new Timeline(1), new Timeline(2));
    assertThat(bench.serving()).isEqualTo(BACKUP);
    bench.advance(60_000);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(told()).isNotEmpty();
  }

  @Test
  void the_promoted_one_of_two_redis_serves_at_the_start() {
    bothClaimFromTheStart(
        new Replication("1111", "0000", false), new Replication("2222", "1111", false));
    assertThat(bench.serving()).isEqualTo(BACKUP);
  }

  @Test
  void a_restart_keeps_who_served_and_follows_no_other_claim() {
    Path state = directory.resolve("state.json");
    bench.close();
    try (StandaloneAgreement first = StandaloneAgreement.withFile(state, FakeScheduler.START)) {
      bench = new Bench(first, Bench.NO_JITTER);
      masterReturnsAfterAPromotion(Behaviour.FROZEN, database());
      bench.close();
    }
    try (StandaloneAgreement second = StandaloneAgreement.withFile(state, FakeScheduler.START)) {
      bench = new Bench(second, Bench.NO_JITTER);
      bench.begin(database());
      bench.advance(60_000);
      assertThat(bench.serving()).isEqualTo(BACKUP);
      assertThat(told()).isNotEmpty();
    }
  }

  /** What the two do and say while the proxy is away, and who is to serve after its restart. */
  private enum WhileAway {
    THE_SERVING_ONE_FREEZES(Behaviour.HEALTHY, null, Behaviour.FROZEN, null, null),
    IT_FREEZES_AND_THE_OTHERS_DATA_DOES_NOT_FOLLOW(
        Behaviour.HEALTHY, OTHER, Behaviour.FROZEN, null, null),
    IT_FREEZES_AND_THE_OTHERS_DATA_FOLLOWS(
        Behaviour.HEALTHY, THIRD, Behaviour.FROZEN, null, MASTER),
    IT_BECOMES_A_STANDBY_OF_THE_OTHER(Behaviour.HEALTHY, null, Behaviour.STANDBY, null, MASTER),
    NOTHING(Behaviour.HEALTHY, null, Behaviour.HEALTHY, null, BACKUP);

    final Behaviour master;
    final @Nullable DataHistory masters;
    final Behaviour backup;
    final @Nullable DataHistory backups;
    final @Nullable ServerId serving;

    WhileAway(
        Behaviour master,
        @Nullable DataHistory masters,
        Behaviour backup,
        @Nullable DataHistory backups,
        @Nullable ServerId serving) {
      this.master = master;
      this.masters = masters;
      this.backup = backup;
      this.backups = backups;
      this.serving = serving;
    }
  }

  /** Runs {@code before} in a proxy with a state file, then {@code next} in its successor. */
  private void restart(Runnable before, Runnable next) {
    Path state = directory.resolve("state.json");
    bench.close();
    try (StandaloneAgreement first = StandaloneAgreement.withFile(state, FakeScheduler.START)) {
      bench = new Bench(first, Bench.NO_JITTER);
      before.run();
      bench.close();
    }
    try (StandaloneAgreement second = StandaloneAgreement.withFile(state, FakeScheduler.START)) {
      bench = new Bench(second, Bench.NO_JITTER);
      next.run();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_restart_follows_only_data_that_went_on_from_the_last_holders(WhileAway away) {
    restart(
        () -> {
          bench.prober.data(MASTER, FIRST);
          bench.prober.data(BACKUP, SECOND);
          masterReturnsAfterAPromotion(Behaviour.FROZEN, database());
          is(MASTER, Behaviour.FROZEN);
          bench.advance(30_000);
        },
        () -> {
          is(MASTER, away.master);
          is(BACKUP, away.backup);
          bench.prober.data(MASTER, away.masters == null ? FIRST : away.masters);
          bench.prober.data(BACKUP, away.backups == null ? SECOND : away.backups);
          bench.apply(database());
          bench.advance(60_000);
          assertThat(bench.serving()).isEqualTo(away.serving);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_restart_while_nobody_serves_forgets_no_stale_claim(boolean dataIsSeen) {
    restart(
        () -> {
          if (dataIsSeen) {
            bench.prober.data(MASTER, FIRST);
            bench.prober.data(BACKUP, SECOND);
          }
          masterReturnsAfterAPromotion(Behaviour.FROZEN, database());
          is(BACKUP, Behaviour.FROZEN);
          bench.advanceUntilServing(null);
        },
        () -> {
          if (dataIsSeen) {
            bench.prober.data(MASTER, FIRST);
            bench.prober.data(BACKUP, SECOND);
          }
          is(BACKUP, Behaviour.FROZEN);
          bench.apply(database());
          bench.advance(60_000);
          assertThat(bench.serving()).isNull();
          is(BACKUP, Behaviour.HEALTHY);
          bench.advanceUntilServing(BACKUP);
        });
  }

  @Test
  void a_standby_that_was_promoted_while_the_proxy_was_away_is_followed() {
    restart(
        () -> {
          is(BACKUP, Behaviour.STANDBY);
          bench.begin(database());
          bench.advance(10_000);
        },
        () -> {
          is(MASTER, Behaviour.KILLED);
          bench.begin(database());
          bench.advanceUntilServing(BACKUP);
        });
  }

  /** A Redis without the replication ID in its file begins a new one with each start. */
  @Test
  void a_promotion_is_followed_also_if_the_serving_one_had_begun_a_new_history_before() {
    restart(
        () -> {
          is(BACKUP, Behaviour.STANDBY);
          bench.prober.data(MASTER, OTHER);
          bench.begin(database());
          bench.prober.data(MASTER, FIRST);
          bench.advance(10_000);
        },
        () -> {
          is(MASTER, Behaviour.KILLED);
          bench.prober.data(BACKUP, SECOND);
          bench.begin(database());
          bench.advanceUntilServing(BACKUP);
        });
  }

  @Test
  void after_a_switch_to_the_second_primary_there_are_still_two() {
    masterReturnsAfterAPromotion(Behaviour.FROZEN, database());
    bench.result(bench.monitor.switchTo(SENSE, MASTER, null));
    bench.advance(10_000);
    assertThat(told())
        .last()
        .returns(false, TwoPrimaries::over)
        .returns(MASTER, TwoPrimaries::serving)
        .returns(BACKUP, TwoPrimaries::server);
    assertThat(told()).hasSize(2);
    assertThat(bench.pool().twoPrimaries()).isNotNull();
  }

  @Test
  void there_are_two_primaries_still_while_the_serving_one_does_not_respond() {
    masterReturnsAfterAPromotion(Behaviour.FROZEN, database());
    is(BACKUP, Behaviour.FROZEN);
    bench.advanceUntilServing(null);
    bench.advance(10_000);
    assertThat(bench.pool().twoPrimaries()).isNotNull();
    assertThat(told()).hasSize(1);

    is(BACKUP, Behaviour.HEALTHY);
    bench.advanceUntilServing(BACKUP);
    bench.advance(10_000);
    assertThat(told()).hasSize(1);

    is(BACKUP, Behaviour.FROZEN);
    bench.advanceUntilServing(null);
    is(MASTER, Behaviour.STANDBY);
    bench.advance(10_000);
    assertThat(bench.pool().twoPrimaries()).isNull();
    assertThat(told()).hasSize(2).last().returns(true, TwoPrimaries::over);
  }

  @Test
  void maintenance_acknowledges_a_second_primary() {
    masterReturnsAfterAPromotion(Behaviour.FROZEN, database());
    bench.result(bench.monitor.setState(SENSE, MASTER, OperatorState.MAINTENANCE, false, null));
    bench.advance(1_000);
    assertThat(bench.pool().twoPrimaries()).isNull();
    assertThat(told()).last().returns(true, TwoPrimaries::over);
  }
}
