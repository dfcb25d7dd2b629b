package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.SwitchReason;
import dev.understudy.monitor.Event.FailbackAwaited;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.DailyWindow;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.WarmUpSettings;
import dev.understudy.testing.TestPools;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A failback that waits for a warm-up, for tunnels to end, and for the time of the day. */
class MonitorFailbackConditionsTest {
  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  private static Pool pool(
      @Nullable WarmUpSettings warmUp, OptionalInt maxTunnels, @Nullable DailyWindow between) {
    FailbackSettings failback =
        new FailbackSettings(
            Policy.IMMEDIATE, Duration.ZERO, warmUp, maxTunnels, between, ZoneOffset.UTC);
    return TestPools.like(sense()).failback(failback).build();
  }

  /** The backup serves, and the master has just been found UP again. */
  private void masterReturns(Pool pool) {
    bench.begin(pool);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    while (!bench.server(MASTER).usable()) {
      bench.advance(1);
    }
  }

  private long warmUps() {
    return bench.prober.requests.stream()
        .filter(each -> each.check() instanceof HttpCheck http && http.path().equals("/warm"))
        .count();
  }

  private @Nullable String waitsFor() {
    return bench.pool().explanation() instanceof ChoiceExplanation.FailbackAwaited awaited
        ? awaited.why()
        : null;
  }

  private List<String> waits() {
    return bench.events(FailbackAwaited.class).stream().map(FailbackAwaited::heldBy).toList();
  }

  @Test
  void a_returned_server_gets_its_warm_up_requests_before_the_role() {
    WarmUpSettings warmUp = new WarmUpSettings("/warm", 20, Duration.ofSeconds(10));
    masterReturns(pool(warmUp, OptionalInt.empty(), null));
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(waitsFor()).isEqualTo("warms up sen2");
    // A response comes after 5 ms.
    assertThat(bench.advanceUntilServing(MASTER)).isBetween(95L, 105L);
    assertThat(warmUps()).isEqualTo(20);
    assertThat(waits()).containsExactly("warms up sen2");
    assertThat(bench.reasons().getLast()).isEqualTo(SwitchReason.FAILBACK);
    bench.advance(5_000);
    assertThat(warmUps()).isEqualTo(20);
  }

  @Test
  void a_slow_server_is_warm_when_the_time_is_over() {
    WarmUpSettings warmUp = new WarmUpSettings("/warm", 1000, Duration.ofSeconds(3));
    masterReturns(pool(warmUp, OptionalInt.empty(), null));
    assertThat(bench.advanceUntilServing(MASTER)).isBetween(2_990L, 3_000L);
    assertThat(warmUps()).isLessThan(1000);
  }

  @Test
  void each_return_is_warmed_up_anew() {
    WarmUpSettings warmUp = new WarmUpSettings("/warm", 3, Duration.ofSeconds(10));
    masterReturns(pool(warmUp, OptionalInt.empty(), null));
    bench.advanceUntilServing(MASTER);
    bench.prober.set(MASTER, Behaviour.KILLED);
    bench.advanceUntilServing(BACKUP);
    bench.prober.set(MASTER, Behaviour.HEALTHY);
    bench.advanceUntilServing(MASTER);
    assertThat(warmUps()).isEqualTo(6);
  }

  @Test
  void another_address_is_warmed_up_anew() {
    WarmUpSettings warmUp = new WarmUpSettings("/warm", 1_000, Duration.ofMinutes(5));
    bench.resolver.set("master.example", "192.0.2.2");
    masterReturns(
        with(
            pool(warmUp, OptionalInt.empty(), null),
            master("master.example"),
            backup("192.0.2.1")));
    bench.advance(1_000);
    assertThat(warmUps()).isPositive();
    bench.resolver.set("master.example", "192.0.2.9");
    bench.advanceUntilServing(MASTER);
    assertThat(bench.prober.requests)
        .filteredOn(each -> each.address().getHostAddress().equals("192.0.2.9"))
        .filteredOn(each -> each.check() instanceof HttpCheck http && http.path().equals("/warm"))
        .hasSize(1_000);
  }

  @Test
  void a_failover_during_a_warm_up_does_not_wait_for_it() {
    WarmUpSettings warmUp = new WarmUpSettings("/warm", 10_000, Duration.ofMinutes(5));
    masterReturns(pool(warmUp, OptionalInt.empty(), null));
    bench.prober.set(BACKUP, Behaviour.KILLED);
    bench.advanceUntilServing(MASTER);
    long sent = warmUps();
    assertThat(bench.reasons().getLast()).isEqualTo(SwitchReason.CONNECTION_FAILED);
    bench.advance(10_000);
    assertThat(warmUps()).as("it stopped").isLessThanOrEqualTo(sent + 1);
  }

  @Test
  void the_role_stays_while_more_tunnels_are_open() {
    Pool pool = pool(null, OptionalInt.of(1), null);
    bench.begin(pool);
    bench.server(BACKUP).traffic().tunnels().set(2);
    masterReturns(pool);
    bench.advance(30_000);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(waitsFor()).isEqualTo("waits until at most 1 tunnel is open on sen1");
    assertThat(waits()).hasSize(1);
    bench.server(BACKUP).traffic().tunnels().set(1);
    assertThat(bench.advanceUntilServing(MASTER)).isLessThanOrEqualTo(1_000);
  }

  @Test
  void the_role_stays_until_the_time_of_the_day() {
    LocalTime start = LocalTime.ofInstant(FakeScheduler.START, ZoneOffset.UTC);
    LocalTime opening = start.plusMinutes(1).withSecond(0).withNano(0);
    DailyWindow window = DailyWindow.parse(opening + "-" + opening.plusMinutes(10));
    masterReturns(pool(null, OptionalInt.empty(), window));
    assertThat(waitsFor()).isEqualTo("waits for " + window + " Z");
    long opens = Duration.between(start, opening).toMillis();
    bench.advanceUntilServing(MASTER);
    assertThat(bench.time()).isEqualTo(opens);
  }

  @Test
  void an_operators_switch_waits_for_nothing() {
    WarmUpSettings warmUp = new WarmUpSettings("/warm", 10_000, Duration.ofMinutes(5));
    masterReturns(pool(warmUp, OptionalInt.empty(), null));
    bench.result(bench.monitor.switchTo(SENSE, MASTER, null));
    assertThat(bench.serving()).isEqualTo(MASTER);
  }
}
