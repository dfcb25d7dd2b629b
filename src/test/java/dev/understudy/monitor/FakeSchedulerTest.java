package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.recurring.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FakeSchedulerTest {
  private final FakeScheduler scheduler = new FakeScheduler();
  private final List<String> ran = new ArrayList<>();

  private void plan(int millis, String name) {
    scheduler.schedule(Duration.ofMillis(millis), () -> note(name));
  }

  private void note(String name) {
    ran.add(name + "@" + Duration.between(FakeScheduler.START, scheduler.now()).toMillis());
  }

  @Test
  void timers_run_in_the_order_they_are_due_at_the_time_they_are_due() {
    plan(30, "c");
    plan(10, "a");
    plan(10, "b");
    scheduler.advance(Duration.ofMillis(29));
    assertThat(ran).containsExactly("a@10", "b@10");
    scheduler.advance(Duration.ofMillis(1));
    assertThat(ran).containsExactly("a@10", "b@10", "c@30");
  }

  @Test
  void a_timer_planned_by_a_timer_runs_within_the_same_advance() {
    scheduler.schedule(
        Duration.ofMillis(10),
        () -> {
          note("first");
          plan(5, "second");
        });
    scheduler.advance(Duration.ofMillis(15));
    assertThat(ran).containsExactly("first@10", "second@15");
  }

  @Test
  void a_cancelled_timer_does_not_run() {
    Timers.Timer timer = scheduler.schedule(Duration.ofMillis(10), () -> note("never"));
    timer.cancel();
    scheduler.advance(Duration.ofMillis(20));
    assertThat(ran).isEmpty();
    assertThat(scheduler.pendingTimers()).isZero();
  }

  @Test
  void a_task_runs_when_time_settles_and_before_later_timers() {
    plan(1, "timer");
    scheduler.execute(() -> note("task"));
    assertThat(ran).isEmpty();
    scheduler.settle();
    assertThat(ran).containsExactly("task@0");
    scheduler.advance(Duration.ofMillis(1));
    assertThat(ran).containsExactly("task@0", "timer@1");
  }

  @Test
  void after_a_pause_timers_run_late_in_their_order() {
    plan(20, "b");
    plan(10, "a");
    scheduler.pause(Duration.ofMillis(500));
    assertThat(ran).containsExactly("a@500", "b@500");
  }

  @Test
  void both_clocks_move_together() {
    long before = scheduler.nanoTime();
    scheduler.advance(Duration.ofSeconds(5));
    assertThat(scheduler.nanoTime() - before).isEqualTo(5_000_000_000L);
    assertThat(Duration.between(FakeScheduler.START, scheduler.now())).hasSeconds(5);
  }

  @Test
  void nothing_runs_once_closed() {
    plan(10, "timer");
    scheduler.execute(() -> note("task"));
    scheduler.close();
    plan(10, "later timer");
    scheduler.execute(() -> note("later task"));
    scheduler.advance(Duration.ofMillis(20));
    assertThat(ran).isEmpty();
  }
}
