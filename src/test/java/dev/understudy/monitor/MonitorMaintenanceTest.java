package dev.understudy.monitor;

import static dev.understudy.monitor.Bench.ALICE;
import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.monitor.Event.PoolStateChanged;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.network.Networks;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The maintenance of a whole pool, by one replica. */
class MonitorMaintenanceTest {
  private static final Operator BOB = new Operator("bob", null);
  private static final Instant START = FakeScheduler.START;

  @TempDir Path directory;

  private static PoolMaintenance maintenance(@Nullable Duration time, String... allow) {
    Instant until = time == null ? null : START.plus(time);
    return new PoolMaintenance(true, START, until, Networks.of(List.of(allow)), ALICE);
  }

  private static Result set(Bench bench, PoolMaintenance next) {
    return bench.result(bench.monitor.setState(SENSE, next));
  }

  private static Result ready(Bench bench) {
    return set(bench, PoolMaintenance.ended(bench.scheduler.now(), BOB));
  }

  private static List<String> messages(Bench bench) {
    return bench.events(PoolStateChanged.class).stream().map(Event::message).toList();
  }

  @ParameterizedTest
  @EnumSource(PoolMode.class)
  void it_begins_is_changed_and_ended_by_operators_and_events_name_them(PoolMode mode) {
    try (Bench bench = new Bench()) {
      bench.begin(with(sense(), mode));
      PoolMaintenance first = maintenance(null);
      PoolMaintenance second = maintenance(Duration.ofDays(2), "10.0.0.0/8", "::1");

      assertThat(set(bench, first)).isEqualTo(new Result.Done(true));
      assertThat(bench.pool().maintenance()).isEqualTo(first);
      assertThat(set(bench, second)).isEqualTo(new Result.Done(true));
      assertThat(bench.pool().maintenance()).isEqualTo(second);
      assertThat(ready(bench)).isEqualTo(new Result.Done(true));
      assertThat(bench.pool().maintenance()).isNull();

      assertThat(messages(bench))
          .containsExactly(
              "Pool sense: an operator set it to maintenance, by alice: disk swap",
              "Pool sense: an operator set it to maintenance until 2026-01-03 00:00:00 UTC; clients"
                  + " of 10.0.0.0/8, ::1 are served, by alice: disk swap",
              "Pool sense: an operator ended its maintenance, by bob");
      assertThat(bench.events())
          .filteredOn(PoolStateChanged.class::isInstance)
          .extracting(event -> ((PoolStateChanged) event).to())
          .containsExactly(
              OperatorState.MAINTENANCE, OperatorState.MAINTENANCE, OperatorState.READY);
    }
  }

  @Test
  void what_is_so_already_changes_nothing() {
    try (Bench bench = new Bench()) {
      bench.begin(sense());
      assertThat(ready(bench)).isEqualTo(new Result.Done(false));
      set(bench, maintenance(Duration.ofHours(1), "::1"));
      PoolMaintenance same =
          new PoolMaintenance(
              true,
              bench.scheduler.now(),
              START.plus(Duration.ofHours(1)),
              Networks.of(List.of("::1")),
              BOB);
      assertThat(set(bench, same)).isEqualTo(new Result.Done(false));
      assertThat(bench.pool().maintenance().by()).isEqualTo(ALICE);
      assertThat(messages(bench)).hasSize(1);
      assertThat(bench.result(bench.monitor.setState(new PoolId("nowhere"), same)))
          .isInstanceOf(Result.Unknown.class);
    }
  }

  @Test
  void it_ends_by_itself_at_its_time() {
    try (Bench bench = new Bench()) {
      bench.begin(sense());
      set(bench, maintenance(Duration.ofHours(2)));
      bench.advance(Duration.ofHours(2).toMillis() - 1_001);
      assertThat(bench.pool().maintenance()).isNotNull();
      bench.advance(1);
      assertThat(bench.pool().maintenance()).isNull();
      assertThat(messages(bench))
          .containsExactly(
              "Pool sense: an operator set it to maintenance until 02:00:00 UTC, by alice: disk"
                  + " swap",
              "Pool sense: its maintenance has ended by itself");
      assertThat(ready(bench)).as("it has ended").isEqualTo(new Result.Done(false));
      assertThat(set(bench, maintenance(Duration.ofHours(5)))).isEqualTo(new Result.Done(true));
      bench.advance(Duration.ofHours(4).toMillis());
      assertThat(messages(bench)).hasSize(4);
    }
  }

  @Test
  void checks_and_failover_go_on_behind_it() {
    try (Bench bench = new Bench()) {
      bench.begin(sense());
      set(bench, maintenance(null));
      assertThat(bench.serving()).isEqualTo(MASTER);
      assertThat(bench.monitor.ready()).isTrue();
      bench.prober.set(MASTER, Behaviour.KILLED);
      bench.advanceUntilServing(BACKUP);
      assertThat(bench.pool().maintenance()).isNotNull();
      assertThat(bench.result(bench.monitor.switchTo(SENSE, BACKUP, BOB)))
          .isEqualTo(new Result.Done(true));
    }
  }

  private void run(Consumer<Bench> what) {
    Bench.withFile(directory, what);
  }

  @ParameterizedTest
  @EnumSource(PoolMode.class)
  void it_survives_a_restart_and_ends_by_itself_then(PoolMode mode) {
    PoolMaintenance hour = maintenance(Duration.ofHours(1), "10.0.0.0/8");
    run(
        bench -> {
          bench.begin(with(sense(), mode));
          set(bench, hour);
          bench.monitor.retain();
          bench.advance(1);
        });
    run(
        bench -> {
          bench.apply(with(sense(), mode));
          assertThat(bench.pool().maintenance()).isEqualTo(hour);
          assertThat(messages(bench)).isEmpty();
          bench.advance(Duration.ofHours(1).toMillis());
          assertThat(bench.pool().maintenance()).isNull();
          set(bench, maintenance(Duration.ofHours(3)));
          ready(bench);
        });
    run(
        bench -> {
          bench.apply(with(sense(), mode));
          assertThat(bench.pool().maintenance()).isNull();
          set(bench, hour);
        });
    run(
        bench -> {
          bench.apply();
          bench.monitor.retain();
          bench.advance(1);
        });
    run(
        bench -> {
          bench.apply(with(sense(), mode));
          assertThat(bench.pool().maintenance()).as("the pool was removed").isNull();
        });
  }
}
