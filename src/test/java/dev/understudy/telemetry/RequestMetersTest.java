package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Outcomes;
import dev.understudy.traffic.RequestEnd;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a scrape finds of durations. */
class RequestMetersTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE);
  private final RequestCounts counts = new RequestCounts((pool, server) -> true);
  private final RequestMeters meters = new RequestMeters(counts, now::get, Map.of());

  private void ended(long nanos) {
    ended(counts.route("r"), 200, nanos);
  }

  private void ended(RouteMeters route, int status, long nanos) {
    counts.ended(route, Outcomes.of(null, null, status, RequestEnd.COMPLETED, nanos, 0, 0));
  }

  private <T extends MetricSnapshot> T scraped(Class<T> kind) {
    return meters.collect().stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .findFirst()
        .orElseThrow();
  }

  private double largest() {
    return scraped(GaugeSnapshot.class).getDataPoints().getFirst().getValue();
  }

  private HistogramDataPointSnapshot histogram() {
    return scraped(HistogramSnapshot.class).getDataPoints().getFirst();
  }

  private List<Long> counts() {
    ClassicHistogramBuckets buckets = histogram().getClassicBuckets();
    return IntStream.range(0, buckets.size()).mapToObj(buckets::getCount).toList();
  }

  @Test
  void common_tags_become_labels_unless_a_label_has_that_name() {
    RequestMeters tagged =
        new RequestMeters(counts, now::get, Map.of("app.name", "gate", "route", "not ours"));
    ended(1);
    Labels labels = tagged.collect().get(0).getDataPoints().getFirst().getLabels();
    assertThat(labels.get("app_name")).isEqualTo("gate");
    assertThat(labels.get("route")).isEqualTo("r");
  }

  @Test
  void a_bucket_holds_what_does_not_exceed_its_bound_and_there_is_none_before_a_request() {
    assertThat(meters.collect().size()).isZero();
    ended(0);
    ended(TimeUnit.MILLISECONDS.toNanos(1));
    ended(TimeUnit.MILLISECONDS.toNanos(1) + 1);
    ended(TimeUnit.SECONDS.toNanos(60));
    ended(TimeUnit.SECONDS.toNanos(60) + 1);

    assertThat(counts()).startsWith(2L, 1L, 0L).endsWith(0L, 1L, 1L).hasSize(16);
    assertThat(histogram().getCount()).isEqualTo(5);
  }

  @Test
  void threads_lose_no_request() throws InterruptedException {
    int each = 20_000;
    fourTimes(() -> IntStream.rangeClosed(1, each).forEach(this::ended));

    assertThat(histogram().getCount()).isEqualTo(4 * each);
    assertThat(histogram().getSum() * 1e9).isBetween(8e8 + 39_999.5, 8e8 + 40_000.5);
    assertThat(largest() * 1e9).isBetween(19_999.5, 20_000.5);
  }

  /** Four threads do it at once; returns once they have. */
  private static void fourTimes(Runnable work) throws InterruptedException {
    List<Thread> threads = Stream.generate(() -> Thread.ofPlatform().start(work)).limit(4).toList();
    for (Thread each : threads) {
      each.join();
    }
  }

  @Test
  void threads_make_no_series_twice() throws InterruptedException {
    fourTimes(this::endedWithEachStatus);
    assertThat(scraped(HistogramSnapshot.class).getDataPoints())
        .extracting(series -> series.getLabels().get("status"))
        .containsExactly("-", "1xx", "2xx", "3xx", "4xx", "5xx");
  }

  private void endedWithEachStatus() {
    for (int status = 0; status < 600; status++) {
      ended(counts.route("r"), status, 1);
    }
  }

  @Test
  void a_scrape_counts_what_has_just_ended_on_threads_that_go_on() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    CountDownLatch scraped = new CountDownLatch(1);
    Thread loop =
        Thread.ofPlatform()
            .start(
                () -> {
                  ended(1);
                  ended.countDown();
                  Await.open("it is scraped", scraped);
                  ended(1);
                });
    Await.open("the requests ended", ended);
    assertThat(histogram().getCount()).isEqualTo(1);
    scraped.countDown();
    loop.join();
    assertThat(histogram().getCount()).isEqualTo(2);
  }

  @Test
  void scrapes_beside_requests_lose_none_and_never_count_back() {
    int all = 200_000;
    Thread loop =
        Thread.ofPlatform().start(() -> IntStream.rangeClosed(1, all).forEach(this::ended));
    long before = 0;
    while (loop.isAlive()) {
      long now = meters.collect().size() == 0 ? 0 : histogram().getCount();
      assertThat(now).isBetween(before, (long) all);
      before = now;
    }
    assertThat(histogram().getCount()).isEqualTo(all);
  }

  @Test
  void requests_that_ended_before_their_route_was_removed_go_with_it_and_later_ones_have_none() {
    RouteMeters kept = counts.route("r");
    ended(kept, 200, 1);
    counts.routes(Set.of("other"));
    assertThat(meters.collect().size()).isZero();
    ended(kept, 200, 1);
    assertThat(histogram().getLabels().get("route")).isEqualTo("-");
    counts.routes(Set.of("r"));
    ended(kept, 200, 1);
    assertThat(scraped(HistogramSnapshot.class).getDataPoints())
        .extracting(series -> series.getLabels().get("route"))
        .containsExactly("-", "r");
  }

  @Test
  void the_largest_is_forgotten_after_a_while() {
    ended(TimeUnit.SECONDS.toNanos(3));
    assertThat(largest()).isEqualTo(3);
    now.addAndGet(TimeUnit.SECONDS.toNanos(30));
    assertThat(largest()).isEqualTo(3);
    ended(TimeUnit.SECONDS.toNanos(1));
    assertThat(largest()).isEqualTo(3);
    now.addAndGet(TimeUnit.SECONDS.toNanos(30));
    assertThat(largest()).isEqualTo(3);
    assertThat(largest()).isEqualTo(1);
    now.addAndGet(TimeUnit.SECONDS.toNanos(30));
    assertThat(largest()).isEqualTo(1);
    assertThat(largest()).isZero();
    assertThat(histogram().getCount()).isEqualTo(2);
  }
}
