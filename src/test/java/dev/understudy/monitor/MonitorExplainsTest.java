package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.sense;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event.FailbackAwaited;
import dev.understudy.event.ServerEvent;
import dev.understudy.health.HealthStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** That nothing which stays as it is for a reason stays so without a word. */
class MonitorExplainsTest {
  static final List<Story> STORIES =
      Story.of(
          """
          a delayed failback is announced once with the time it then happens at
            begin delayed; the master fails; count.FailbackAwaited = 0; the master is back
            keep last.FailbackAwaited.due as due; keep announcement as sentence
            pool.explanation.serving = sen1; pool.explanation.better = sen2
            pool.explanation.due = $due; pool.explanation.why = delayed: the server has to be UP for 30 s
            until sen2 serves; ms-after-due in 0..2; pool.explanation = null
            count.FailbackAwaited = 1; last.FailbackAwaited.serving = sen1
            last.FailbackAwaited.better = sen2; last.FailbackAwaited.message = $sentence
          the event of a damped failback has its number
            # The first came at once.
            begin sense; the master fails; the master is back; until sen2 serves
            count.FailbackAwaited = 0; the master fails; the master is back
            until sen2 serves; ms-after-due in 0..2
            all.FailbackAwaited.heldBy = "damped: 2nd failback within ten minutes, so the server has to be UP for 20 s"
          a server that fails again while it waits begins a new wait
            begin delayed; the master fails; the master is back
            keep last.FailbackAwaited.due as due
            sen2 becomes KILLED; until sen2.status = DOWN; pool.explanation = null
            the master is back; count.FailbackAwaited = 2; last.FailbackAwaited.due != $due
          under the manual policy an operator is waited for
            begin manual; the master fails; the master is back; wait 60 s
            count.FailbackAwaited = 1; last.FailbackAwaited.due = null
            last.FailbackAwaited.message ~ sen2 is usable
            last.FailbackAwaited.message ~ "waits for an operator (manual)"
          a new policy is a new cause
            begin manual; the master fails; the master is back; apply delayed
            all.FailbackAwaited.heldBy = "waits for an operator (manual), delayed: the server has to be UP for 30 s"
          a pin that keeps a returned master out says so
            # The pin's own event says it.
            begin sense; switch to sen1; count.FailbackAwaited = 0
            pool.explanation.serving = sen1; pool.explanation.better = sen2
            pool.explanation.due = null; pool.explanation.why = pinned to server sen1 by an operator
            sen2 becomes KILLED; until sen2.status = DOWN; the master is back; wait 10 s
            all.FailbackAwaited.heldBy = pinned to server sen1 by an operator
          a pin and its end are events and changes
            begin sense; switch to sen2; switch to auto; switch to auto -> unchanged
            all.Pinned.server = "sen2, null"; pool.epoch = 1
            all.Pinned.message = "Pool sense: an operator pinned server sen2: no failback until the pool is set to auto or the server fails, Pool sense: server sen2 is no longer pinned: an operator set the pool to auto"
          a failover that ends a pin says so
            begin sense; switch to sen2; the master fails; last.Pinned.server = null
            last.Pinned.operator = null
            last.Pinned.message = "Pool sense: server sen2 is no longer pinned: it no longer serves"
          all servers down at the start is one event without an epoch
            sen2 becomes KILLED; sen1 becomes ILL; begin sense; wait 30 s
            pool.epoch = 0; count.Switched = 0; count.NobodyServes = 1
            last.NobodyServes.message ~ nobody serves; last.NobodyServes.message ~ sen2: DOWN
            last.NobodyServes.message ~ sen1: DOWN; last.NobodyServes.message ~ status 503
            pool.explanation ~ Nobody[
            sen1 becomes HEALTHY; until sen1 serves; pool.explanation = null
          servers that are all taken out are named with what was asked of them
            sen2 and sen1 become KILLED; begin sense; set sen1 to DRAIN
            pool.explanation.why ~ sen1: set to drain
          a switch to no server is not reported twice
            begin sense; sen2 and sen1 become KILLED; until nobody serves; wait 10 s
            count.NobodyServes = 0; pool.explanation ~ Nobody[
          a server that goes on serving although down is one event
            begin sense; sen1 becomes KILLED; sen2 becomes ILL; wait 30 s
            serving = sen2; count.ServesDown = 1; last.ServesDown.server = sen2
            last.ServesDown.message ~ "Pool sense: server sen2 keeps serving although it is DOWN: no other server is usable, and it responds ("
            last.ServesDown.message ~ status 503; pool.explanation ~ ServesDown[
            sen2 becomes HEALTHY; wait 10 s; pool.explanation = null
          a balance pool has nothing to explain
            sen2 and sen1 become KILLED; begin balance; pool.explanation = null
          after a restart an event names the kept server and no epoch is used
            begin sense; switch to sen1; count.Kept = 0; restart; begin sense
            count.Kept = 1; last.Kept.serving = sen1; last.Kept.epoch = 2
            last.Kept.evidence = "kept from the state file, pinned by an operator"
            last.Kept.message = "Pool sense: server sen1 serves: kept from the state file, epoch 2, pinned by an operator"
            first-event ~ Kept[; count.Switched = 0; pool.epoch = 2
          a pool that comes back keeps its server but not from a file
            begin sense; apply nothing; apply sense
            all.Kept.evidence = kept from before the pool was removed
          """);

  @AutoClose private final Stage stage;

  MonitorExplainsTest(@TempDir Path directory) {
    stage =
        new Stage(directory)
            .means("the master fails", "sen2 becomes KILLED; until sen1 serves")
            .means("the master is back", "sen2 becomes HEALTHY; until sen2.status = UP")
            .fact("first-event", () -> bench().events().getFirst())
            .fact("ms-after-due", () -> Duration.between(due(), bench().scheduler.now()).toMillis())
            .fact("announcement", this::announcement);
  }

  private Bench bench() {
    return stage.bench;
  }

  private Instant due() {
    return Objects.requireNonNull(bench().events(FailbackAwaited.class).getLast().due());
  }

  private String announcement() {
    return "Pool sense: server sen2 is usable, server sen1 serves; failback due at %s UTC, in 30 s (%s)"
        .formatted(due().toString().substring(11, 19), "delayed: the server has to be UP for 30 s");
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void what_stays_as_it_is_has_its_reason(Story story) {
    stage.play(story);
  }

  @Test
  void changes_of_a_server_that_flaps_are_one_event_a_minute_after_ten_of_them() {
    bench().begin(sense());
    for (int flap = 0; flap < 20; flap++) {
      stage.play("sen1 becomes KILLED; until sen1.status = DOWN");
      stage.play("sen1 becomes HEALTHY; until sen1.status = UP");
    }
    stage.play("wait 2 min");
    List<ServerEvent.HealthChanged> changes =
        bench().events(ServerEvent.HealthChanged.class).stream()
            .filter(event -> event.server().equals(BACKUP) && event.from() != HealthStatus.UNKNOWN)
            .toList();
    assertThat(changes.stream().mapToInt(ServerEvent.HealthChanged::count).sum()).isEqualTo(40);
    assertThat(changes).hasSizeLessThanOrEqualTo(ServerController.MOST_CHANGES + 2);
    assertThat(changes.getLast().to()).isEqualTo(HealthStatus.UP);
    assertThat(changes.getLast().message())
        .startsWith("Pool sense: server sen1 is UP, it was ")
        .contains(" changes within a minute: ");
    stage.play("sen1 becomes KILLED; wait 5 s");
    stage.play("last.HealthChanged.to = DOWN; last.HealthChanged.count = 1");
  }
}
