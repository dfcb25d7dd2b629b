package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.event.Event;
import dev.understudy.event.ServerEvent.CircuitChanged;
import dev.understudy.file.FileTenure;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What the next process takes over of the health of servers. */
class MonitorHandoverTest {
  private static final PassiveSettings PASSIVE = PassiveSettings.DEFAULT;
  private static final Pool GUARDED = with(sense(), PASSIVE);

  @AutoClose private final Bench before = new Bench();
  @AutoClose private final Bench next = new Bench();

  private void handOver() {
    CompletableFuture<List<KnownServer>> known = before.monitor.known();
    before.scheduler.settle();
    assertThat(known).isCompleted();
    next.monitor.take(known.join());
    next.scheduler.settle();
  }

  @Test
  void a_status_that_is_the_same_lasts_as_long_as_it_did_before() {
    before.prober.set(MASTER, Behaviour.KILLED);
    before.begin(sense());
    Instant down = before.server(MASTER).statusSince();
    Instant up = before.server(BACKUP).statusSince();
    next.prober.set(MASTER, Behaviour.KILLED);
    next.advance(60_000);
    next.begin(sense());
    assertThat(next.server(MASTER).statusSince()).isAfter(down);
    handOver();
    assertThat(next.server(MASTER).status()).isEqualTo(HealthStatus.DOWN);
    assertThat(next.server(MASTER).statusSince()).isEqualTo(down);
    assertThat(next.server(BACKUP).statusSince()).isEqualTo(up);
  }

  @Test
  void another_status_is_the_next_process_s_own() {
    before.prober.set(MASTER, Behaviour.KILLED);
    before.begin(sense());
    next.advance(60_000);
    next.begin(sense());
    Instant up = next.server(MASTER).statusSince();
    handOver();
    assertThat(next.server(MASTER).status()).isEqualTo(HealthStatus.UP);
    assertThat(next.server(MASTER).statusSince()).isEqualTo(up);
  }

  private void failCalls(Bench bench) {
    for (int i = 0; i < PASSIVE.minimumCalls(); i++) {
      bench.monitor.called(bench.server(MASTER), true, Duration.ofMillis(3));
    }
    bench.scheduler.settle();
  }

  @Test
  void an_open_breaker_stays_open_for_the_rest_of_its_time() {
    before.begin(GUARDED);
    failCalls(before);
    next.begin(GUARDED);
    next.advance(4_000);
    handOver();
    assertThat(next.server(MASTER).circuitOpen()).isTrue();
    assertThat(next.serving()).isEqualTo(BACKUP);
    assertThat(next.events(CircuitChanged.class)).as("it is no news").isEmpty();
    assertThat(next.advanceUntilServing(MASTER)).isEqualTo(6_000);
    failCalls(next);
    next.advance(19_999);
    assertThat(next.server(MASTER).circuitOpen()).as("the penalty doubles").isTrue();
    next.advance(1);
    assertThat(next.server(MASTER).circuitOpen()).isFalse();
  }

  @Test
  void what_the_process_before_decided_is_said_to_come_from_it() {
    before.begin(sense());
    StandaloneAgreement following = following((StandaloneAgreement) before.agreement);
    try (Bench another = new Bench(following, Bench.NO_JITTER)) {
      another.begin(sense());
      assertThat(another.events(Event.Kept.class))
          .extracting(Event.Kept::evidence)
          .containsExactly("kept from the previous process");
    }
  }

  private static StandaloneAgreement following(StandaloneAgreement before) {
    try {
      return StandaloneAgreement.following(
          null, before.state(), FakeScheduler.START, FileTenure.ofAnother());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_call_that_the_process_before_may_have_made_is_not_refused_for_sure() throws IOException {
    before.begin(MonitorSwitchoverTest.hooked());
    StandaloneAgreement leader = (StandaloneAgreement) before.agreement;
    StandaloneAgreement following = following(leader);
    try (Bench another = new Bench(following, Bench.NO_JITTER)) {
      another.begin(MonitorSwitchoverTest.hooked());
      SwitchRequest request = new SwitchRequest(BACKUP, Duration.ofSeconds(10), false, null, null);
      before.result(before.monitor.commands().planSwitch(SENSE, request));
      before.paused();
      assertThat(before.planned().phase()).isEqualTo(SwitchPhase.FENCING);
      following.use(leader.state());
      another.scheduler.settle();
      leader.follow();
      following.lead();
      another.advance(1_000);
      another.paused();
      another.hookEnds(SwitchFacts.Call.REFUSED);
      assertThat(another.planned().phase()).isEqualTo(SwitchPhase.ROLLING_BACK);
    }
  }

  @Test
  void the_next_process_is_told_times_of_the_clock_on_the_wall_by_which_it_begins() {
    before.begin(sense());
    Instant since = before.server(MASTER).statusSince();
    Duration step = Duration.ofHours(3);
    before.scheduler.stepWall(step);
    CompletableFuture<List<KnownServer>> known = before.monitor.known();
    before.scheduler.settle();
    assertThat(known.join())
        .filteredOn(each -> each.server().equals(MASTER))
        .extracting(KnownServer::since)
        .containsExactly(since.plus(step));
  }

  @Test
  void a_server_that_has_no_breaker_any_more_needs_none() {
    before.begin(GUARDED);
    failCalls(before);
    next.begin(sense());
    handOver();
    assertThat(next.server(MASTER).circuitOpen()).isFalse();
    assertThat(next.serving()).isEqualTo(MASTER);
  }
}
