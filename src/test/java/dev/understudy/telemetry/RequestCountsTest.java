package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Await;
import dev.understudy.testing.Outcomes;
import dev.understudy.traffic.RequestEnd;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of requests between their end and a scrape. */
class RequestCountsTest {
  private static final PoolId POOL = new PoolId("p");
  private static final PoolId SLOW = new PoolId("slow");
  private static final PoolId BROKEN = new PoolId("broken");

  private final Set<PoolId> pools = ConcurrentHashMap.newKeySet();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch mayRespond = new CountDownLatch(1);
  private final RequestCounts counts = new RequestCounts(this::isConfigured);

  private boolean isConfigured(PoolId pool, @Nullable ServerId server) {
    if (pool.equals(BROKEN)) {
      throw new IllegalStateException("cannot be told");
    }
    if (pool.equals(SLOW)) {
      asked.countDown();
      Await.open("the scrape may go on", mayRespond);
    }
    return pools.contains(pool);
  }

  private void ended(PoolId pool) {
    counts.ended(counts.route("r"), Outcomes.of(pool, null, 200, RequestEnd.COMPLETED, 1, 0, 0));
  }

  /** Each series' pool and number. */
  private List<String> counted() {
    List<String> all = new ArrayList<>();
    counts.forEachSeries(
        (route, series) ->
            all.add(
                (series.pool == null ? "-" : series.pool.value())
                    + " "
                    + series.histogram(Labels.EMPTY, Exemplars.EMPTY).getCount()));
    return all;
  }

  /** Here another thread holds the lock of the route, as it adds a series. */
  @Test
  void a_thread_goes_on_while_another_adds_a_series() throws Exception {
    pools.add(POOL);
    ended(POOL);
    Thread slow = Thread.ofPlatform().start(() -> ended(SLOW));
    Await.open("the slow one is counted", asked);
    for (int i = 1; i < 1_000; i++) {
      ended(POOL);
    }
    assertThat(counted()).containsExactly("p 1000");
    mayRespond.countDown();
    slow.join();
    assertThat(counted()).containsExactly("p 1000", "- 1");
  }

  @Test
  void one_that_cannot_be_counted_is_not_in_the_way_of_others_and_none_is_counted_twice() {
    pools.add(POOL);
    ended(POOL);
    assertThatThrownBy(() -> ended(BROKEN)).hasMessage("cannot be told");
    ended(POOL);
    assertThat(counted()).containsExactly("p 2");
    assertThat(counted()).containsExactly("p 2");
  }

  @Test
  void requests_that_ended_before_their_pool_was_removed_go_with_it_and_later_ones_have_none() {
    pools.add(POOL);
    ended(POOL);
    pools.remove(POOL);
    counts.removeStale();
    assertThat(counted()).isEmpty();
    ended(POOL);
    assertThat(counted()).containsExactly("- 1");
  }

  @Test
  void requests_that_a_thread_ended_are_counted_after_its_own_end() throws InterruptedException {
    pools.add(POOL);
    Thread.ofPlatform().start(() -> ended(POOL)).join();
    assertThat(counted()).containsExactly("p 1");
    assertThat(counted()).containsExactly("p 1");
  }
}
