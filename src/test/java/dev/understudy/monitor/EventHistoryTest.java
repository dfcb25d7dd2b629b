package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.event.EventHistory;
import dev.understudy.event.EventLog;
import dev.understudy.event.EventLog.Entry;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ReplicaEvent.ConfigurationApplied;
import dev.understudy.event.ServerEvent.CircuitChanged;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EventHistoryTest {
  private static final PoolId SENSE = new PoolId("sense");
  private static final PoolId OTHER = new PoolId("other");

  private final FakeScheduler clock = new FakeScheduler();
  private final EventHistory history = new EventHistory(clock);

  private static Event event(PoolId pool) {
    return new CircuitChanged(pool, new ServerId("sen1"), true, "opened");
  }

  private static List<Long> ids(List<Entry> entries) {
    return entries.stream().map(Entry::id).toList();
  }

  @Test
  void entries_are_numbered_from_one_and_dated() {
    history.add(event(SENSE));
    clock.advance(Duration.ofSeconds(3));
    history.add(event(OTHER));
    assertThat(history.newest(null, 10))
        .containsExactly(
            new Entry(1, FakeScheduler.START, event(SENSE)),
            new Entry(2, FakeScheduler.START.plusSeconds(3), event(OTHER)));
  }

  @Test
  void entries_keep_their_order_and_have_the_time_of_the_clock_on_the_wall_however_it_is_set() {
    List<Instant> expected = new ArrayList<>();
    for (int hours : new int[] {0, 3, -3, -3}) {
      clock.stepWall(Duration.ofHours(hours));
      expected.add(clock.wall());
      history.add(event(SENSE));
    }
    assertThat(expected.getLast()).isEqualTo(FakeScheduler.START.minus(Duration.ofHours(3)));
    assertThat(history.newest(null, 10)).extracting(Entry::at).isEqualTo(expected);
    assertThat(ids(history.newest(null, 10))).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void numbers_go_on_after_those_of_earlier_runs() {
    EventHistory later = new EventHistory(clock, 41);
    later.add(event(SENSE));
    assertThat(ids(later.newest(null, 10))).containsExactly(42L);
  }

  @Test
  void nothing_follows_the_stop() {
    List<Entry> seen = new ArrayList<>();
    history.subscribe(seen::add);
    history.add(event(SENSE));
    history.add(new ReplicaEvent.Stopped("stopped"));
    history.add(event(SENSE));
    assertThat(ids(history.newest(null, 10))).containsExactly(1L, 2L);
    assertThat(ids(seen)).containsExactly(1L, 2L);
  }

  @Test
  void newest_gives_the_last_ones_oldest_first_of_the_pool_asked_for() {
    for (int i = 0; i < 3; i++) {
      history.add(event(SENSE));
      history.add(event(OTHER));
    }
    history.add(
        new ConfigurationApplied("gateway.yaml", List.of(), List.of(), List.of(), "applied"));
    assertThat(ids(history.newest(null, 2))).containsExactly(6L, 7L);
    assertThat(ids(history.newest(SENSE, 2))).containsExactly(3L, 5L);
    assertThat(history.newest(SENSE, 0)).isEmpty();
  }

  @Test
  void only_the_newest_thousand_are_kept() {
    for (int i = 0; i < EventLog.CAPACITY + 5; i++) {
      history.add(event(SENSE));
    }
    List<Long> ids = ids(history.newest(null, Integer.MAX_VALUE));
    assertThat(ids).hasSize(EventLog.CAPACITY);
    assertThat(ids.getFirst()).isEqualTo(6);
    assertThat(ids.getLast()).isEqualTo(EventLog.CAPACITY + 5L);
  }

  @Test
  void a_subscriber_sees_what_comes_until_it_ends_its_subscription() {
    List<Entry> seen = new ArrayList<>();
    history.add(event(SENSE));
    Runnable end = history.subscribe(seen::add);
    history.add(event(SENSE));
    history.add(event(OTHER));
    end.run();
    history.add(event(SENSE));
    assertThat(ids(seen)).containsExactly(2L, 3L);
  }

  @Test
  void a_subscriber_that_throws_does_not_keep_others_from_seeing_it() {
    List<Entry> seen = new ArrayList<>();
    history.subscribe(
        entry -> {
          throw new AssertionError("as the test wants");
        });
    history.subscribe(seen::add);
    history.add(event(SENSE));
    assertThat(ids(seen)).containsExactly(1L);
  }

  @Test
  void every_subscriber_sees_entries_of_many_threads_in_order() throws InterruptedException {
    List<Entry> seen = new ArrayList<>();
    history.subscribe(seen::add);
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      go.await();
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                    for (int n = 0; n < 500; n++) {
                      history.add(event(SENSE));
                    }
                  }));
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(ids(seen)).hasSize(2000).isSorted().doesNotHaveDuplicates();
  }
}
