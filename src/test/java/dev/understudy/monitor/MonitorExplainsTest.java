package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Event.FailbackAwaited;
import dev.understudy.monitor.Event.Kept;
import dev.understudy.monitor.Event.NobodyServes;
import dev.understudy.monitor.Event.Pinned;
import dev.understudy.monitor.Event.ServesDown;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That nothing which stays as it is for a reason stays so without a word. */
class MonitorExplainsTest {
  private final Bench bench = new Bench();

  @TempDir private Path directory;

  @AfterEach
  void close() {
    bench.close();
  }

  private <E extends Event> List<E> told(Class<E> type) {
    return bench.events(type);
  }

  private void masterFails() {
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
  }

  private void masterIsBack() {
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    while (bench.server(MASTER).status() != HealthStatus.UP) {
      bench.advance(1);
    }
  }

  private static String clock(Instant instant) {
    return instant.toString().substring(11, 19) + " UTC";
  }

  @Test
  void changes_of_a_server_that_flaps_are_one_event_a_minute_after_ten_of_them() {
    bench.begin(sense());
    for (int flap = 0; flap < 40; flap++) {
      bench.prober.set(BACKUP, flap % 2 == 0 ? Behaviour.KILLED : Behaviour.HEALTHY);
      HealthStatus awaited = flap % 2 == 0 ? HealthStatus.DOWN : HealthStatus.UP;
      while (bench.server(BACKUP).status() != awaited) {
        bench.advance(1);
      }
    }
    bench.advance(2 * 60_000);

    List<Event.HealthChanged> changes =
        told(Event.HealthChanged.class).stream()
            .filter(event -> event.server().equals(BACKUP) && event.from() != HealthStatus.UNKNOWN)
            .toList();
    assertThat(changes.stream().mapToInt(Event.HealthChanged::count).sum()).isEqualTo(40);
    assertThat(changes).hasSizeLessThanOrEqualTo(HealthEvents.MOST + 2);
    assertThat(changes.getLast().to()).isEqualTo(HealthStatus.UP);
    assertThat(changes.getLast().message())
        .startsWith("Pool sense: server sen1 is UP, it was ")
        .contains(" changes within a minute: ");

    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.advance(5_000);
    assertThat(told(Event.HealthChanged.class).getLast())
        .extracting(Event.HealthChanged::to, Event.HealthChanged::count)
        .containsExactly(HealthStatus.DOWN, 1);
  }

  @Test
  void a_delayed_failback_is_announced_once_with_the_time_it_then_happens_at() {
    bench.begin(with(sense(), Policy.DELAYED));
    masterFails();
    assertThat(told(FailbackAwaited.class)).isEmpty();
    masterIsBack();
    Instant due = told(FailbackAwaited.class).getFirst().due();
    assertThat(bench.pool().explanation())
        .isEqualTo(
            new ChoiceExplanation.FailbackAwaited(
                BACKUP, MASTER, due, "delayed: 30 s of being UP"));
    bench.advanceUntilServing(MASTER);
    assertThat(bench.scheduler.now()).isBetween(due, due.plusMillis(2));
    assertThat(bench.pool().explanation()).isNull();
    assertThat(told(FailbackAwaited.class))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.serving()).isEqualTo(BACKUP);
              assertThat(event.better()).isEqualTo(MASTER);
              assertThat(event.message())
                  .isEqualTo(
                      "Pool sense: sen2 is usable, sen1 serves; failback due at "
                          + clock(due)
                          + ", in 30 s (delayed: 30 s of being UP)");
            });
  }

  @Test
  void the_event_of_a_damped_failback_has_its_number() {
    bench.begin(sense());
    masterFails();
    masterIsBack();
    bench.advanceUntilServing(MASTER);
    assertThat(told(FailbackAwaited.class)).as("the first came at once").isEmpty();
    masterFails();
    masterIsBack();
    Instant due = told(FailbackAwaited.class).getLast().due();
    bench.advanceUntilServing(MASTER);
    assertThat(bench.scheduler.now()).isBetween(due, due.plusMillis(2));
    assertThat(told(FailbackAwaited.class))
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.heldBy())
                    .isEqualTo("damped: 2nd failback within ten minutes, wants 20 s of being UP"));
  }

  @Test
  void a_server_that_fails_again_while_it_waits_begins_a_new_wait() {
    bench.begin(with(sense(), Policy.DELAYED));
    masterFails();
    masterIsBack();
    bench.prober.set(MASTER, Behaviour.KILLED);
    while (bench.server(MASTER).status() != HealthStatus.DOWN) {
      bench.advance(1);
    }
    assertThat(bench.pool().explanation()).isNull();
    masterIsBack();
    assertThat(told(FailbackAwaited.class)).hasSize(2);
    assertThat(told(FailbackAwaited.class).getLast().due())
        .isAfter(told(FailbackAwaited.class).getFirst().due());
  }

  @Test
  void under_the_manual_policy_an_operator_is_waited_for() {
    bench.begin(with(sense(), Policy.MANUAL));
    masterFails();
    masterIsBack();
    bench.advance(60_000);
    assertThat(told(FailbackAwaited.class))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.due()).isNull();
              assertThat(event.message())
                  .contains("sen2 is usable", "waits for an operator (manual)");
            });
  }

  @Test
  void a_new_policy_is_a_new_cause() {
    bench.begin(with(sense(), Policy.MANUAL));
    masterFails();
    masterIsBack();
    bench.apply(with(sense(), Policy.DELAYED));
    assertThat(told(FailbackAwaited.class))
        .extracting(FailbackAwaited::heldBy)
        .containsExactly("waits for an operator (manual)", "delayed: 30 s of being UP");
  }

  @Test
  void a_pin_that_keeps_a_returned_master_out_says_so() {
    bench.begin(sense());
    bench.result(bench.monitor.switchTo(SENSE, BACKUP, null));
    assertThat(told(FailbackAwaited.class)).as("the pin's own event says it").isEmpty();
    assertThat(bench.pool().explanation())
        .isEqualTo(
            new ChoiceExplanation.FailbackAwaited(
                BACKUP, MASTER, null, "pinned to sen1 by an operator"));
    bench.prober.set(MASTER, Behaviour.KILLED);
    while (bench.server(MASTER).status() != HealthStatus.DOWN) {
      bench.advance(1);
    }
    masterIsBack();
    bench.advance(10_000);
    assertThat(told(FailbackAwaited.class))
        .extracting(FailbackAwaited::heldBy)
        .containsExactly("pinned to sen1 by an operator");
  }

  @Test
  void a_pin_and_its_end_are_events_and_changes() {
    bench.begin(sense());
    assertThat(bench.result(bench.monitor.switchTo(SENSE, MASTER, null)))
        .isEqualTo(new Result.Done(true));
    assertThat(bench.result(bench.monitor.switchTo(SENSE, null, null)))
        .isEqualTo(new Result.Done(true));
    assertThat(bench.result(bench.monitor.switchTo(SENSE, null, null)))
        .isEqualTo(new Result.Done(false));
    assertThat(told(Pinned.class)).extracting(Pinned::server).containsExactly(MASTER, null);
    assertThat(told(Pinned.class))
        .extracting(Pinned::message)
        .containsExactly(
            "Pool sense: an operator pinned sen2: no failback until the pool is set to auto or it"
                + " fails",
            "Pool sense: sen2 is no longer pinned: an operator set the pool to auto");
    assertThat(bench.pool().epoch()).isEqualTo(1);
  }

  @Test
  void a_failover_that_ends_a_pin_says_so() {
    bench.begin(sense());
    bench.result(bench.monitor.switchTo(SENSE, MASTER, null));
    masterFails();
    assertThat(told(Pinned.class).getLast())
        .isEqualTo(
            new Pinned(
                SENSE, null, null, "Pool sense: sen2 is no longer pinned: it no longer serves"));
  }

  @Test
  void all_servers_down_at_the_start_is_one_event_without_an_epoch() {
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.prober.set(BACKUP, Behaviour.ILL);
    bench.begin(sense());
    bench.advance(30_000);
    assertThat(bench.pool().epoch()).isZero();
    assertThat(bench.switches()).isEmpty();
    assertThat(told(NobodyServes.class))
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.message())
                    .contains("nobody serves", "sen2: DOWN", "sen1: DOWN", "status 503"));
    assertThat(bench.pool().explanation()).isInstanceOf(ChoiceExplanation.Nobody.class);
    bench.prober.set(BACKUP, Behaviour.HEALTHY);
    bench.advanceUntilServing(BACKUP);
    assertThat(bench.pool().explanation()).isNull();
  }

  @Test
  void servers_that_are_all_taken_out_are_named_with_what_was_asked_of_them() {
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.begin(sense());
    bench.result(bench.monitor.setState(SENSE, BACKUP, OperatorState.DRAIN, false, null));
    assertThat(bench.pool().explanation().why()).contains("sen1: set to drain");
  }

  @Test
  void a_switch_to_no_server_is_not_reported_twice() {
    bench.begin(sense());
    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(null);
    bench.advance(10_000);
    assertThat(told(NobodyServes.class)).isEmpty();
    assertThat(bench.pool().explanation()).isInstanceOf(ChoiceExplanation.Nobody.class);
  }

  @Test
  void a_server_that_goes_on_serving_although_down_is_one_event() {
    bench.begin(sense());
    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.prober.set(MASTER, Behaviour.ILL);
    bench.advance(30_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(told(ServesDown.class))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.server()).isEqualTo(MASTER);
              assertThat(event.message())
                  .startsWith(
                      "Pool sense: sen2 goes on serving although DOWN: nobody else is usable, and"
                          + " it responds (")
                  .contains("status 503");
            });
    assertThat(bench.pool().explanation()).isInstanceOf(ChoiceExplanation.ServesDown.class);
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.advance(10_000);
    assertThat(bench.pool().explanation()).isNull();
  }

  @Test
  void a_balance_pool_has_nothing_to_explain() {
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.begin(with(sense(), PoolMode.BALANCE));
    assertThat(bench.pool().explanation()).isNull();
  }

  @Test
  void after_a_restart_an_event_names_the_kept_server_and_no_epoch_is_used() {
    restart(null);
    restart("Pool sense: sen1 serves: kept from the state file, epoch 2, pinned by an operator");
  }

  private void restart(@Nullable String expected) {
    Bench.withFile(
        directory,
        run -> {
          run.begin(sense());
          if (expected == null) {
            run.result(run.monitor.switchTo(SENSE, BACKUP, null));
            assertThat(run.events(Kept.class)).isEmpty();
          } else {
            assertThat(run.events().getFirst())
                .isEqualTo(
                    new Kept(
                        SENSE,
                        BACKUP,
                        2,
                        "kept from the state file, pinned by an operator",
                        expected));
            assertThat(run.events(Kept.class)).hasSize(1);
            assertThat(run.switches()).isEmpty();
            assertThat(run.pool().epoch()).isEqualTo(2);
          }
        });
  }

  @Test
  void a_pool_that_comes_back_keeps_its_server_but_not_from_a_file() {
    Pool pool = sense();
    bench.begin(pool);
    bench.apply();
    bench.apply(pool);
    assertThat(told(Kept.class))
        .extracting(Kept::evidence)
        .containsExactly("kept from before it was removed");
  }
}
