package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.FirstProbes.Place;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class FirstProbesTest {
  @AutoClose private final Bench bench = new Bench();
  private final FakeScheduler scheduler = new FakeScheduler();
  private final FirstProbes probes = new FirstProbes(scheduler);
  private final List<Integer> freed = new ArrayList<>();

  private List<Place> places(int count) {
    return IntStream.range(0, count).mapToObj(i -> probes.place(() -> freed.add(i))).toList();
  }

  private static Pool[] pools(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                SensePool.pool(
                    new PoolId("pool-" + i),
                    SensePool.master("192.0.2.2"),
                    SensePool.backup("192.0.2.1")))
        .toArray(Pool[]::new);
  }

  @Test
  void the_first_few_begin_at_once_and_each_that_ends_lets_the_next_begin() {
    List<Place> places = places(FirstProbes.AT_ONCE + 2);
    assertThat(places.stream().filter(Place::take)).hasSize(FirstProbes.AT_ONCE);
    places.get(3).leave();
    assertThat(freed).containsExactly(FirstProbes.AT_ONCE);
    assertThat(places.get(FirstProbes.AT_ONCE).take()).isTrue();
    places.get(3).leave();
    assertThat(freed).as("a place is given back once").hasSize(1);
  }

  @Test
  void one_that_left_takes_no_turn() {
    List<Place> places = places(FirstProbes.AT_ONCE + 2);
    places.forEach(Place::take);
    places.get(FirstProbes.AT_ONCE).leave();
    places.get(0).leave();
    assertThat(freed).containsExactly(FirstProbes.AT_ONCE + 1);
  }

  @Test
  void dead_servers_hold_up_the_others_for_no_longer_than_the_patience() {
    List<Place> places = places(3 * FirstProbes.AT_ONCE);
    places.forEach(Place::take);
    scheduler.advance(FirstProbes.LONGEST_WAIT);
    assertThat(freed).hasSize(FirstProbes.AT_ONCE);
    scheduler.advance(FirstProbes.LONGEST_WAIT);
    assertThat(freed).hasSize(2 * FirstProbes.AT_ONCE);
    scheduler.advance(Duration.ofSeconds(1));
    assertThat(scheduler.pendingTimers()).isZero();
  }

  @Test
  void hundreds_of_good_servers_are_judged_by_one_probe_each() {
    bench.apply(pools(200));
    assertThat(bench.prober.requests).hasSize(FirstProbes.AT_ONCE);
    bench.advance(200);
    assertThat(bench.monitor.ready()).isTrue();
    assertThat(bench.prober.requests).hasSize(400);
  }

  @Test
  void readiness_comes_with_the_time_out_of_dead_servers_among_them() {
    bench.prober.set(SensePool.BACKUP, Behaviour.BLACK_HOLED);
    bench.apply(pools(200));
    bench.advance(1_400);
    assertThat(bench.monitor.current().pools())
        .allMatch(pool -> pool.server(SensePool.MASTER).status() == HealthStatus.UP);
    bench.advance(1_400);
    assertThat(bench.monitor.ready()).isTrue();
  }

  @Test
  void while_many_servers_are_unjudged_none_has_a_second_probe_in_flight() {
    bench.prober.set(SensePool.MASTER, Behaviour.BLACK_HOLED);
    bench.prober.set(SensePool.BACKUP, Behaviour.BLACK_HOLED);
    bench.apply(pools(200));
    bench.advance(1_900);
    // Else each would have one every 250 ms: 1,600 a second.
    assertThat(bench.prober.requests).hasSizeLessThan(900);
  }
}
