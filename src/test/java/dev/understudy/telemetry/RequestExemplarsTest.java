package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.TraceContext;
import io.prometheus.metrics.model.snapshots.Exemplar;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** References from buckets to traces. */
class RequestExemplarsTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final RequestExemplars exemplars =
      new RequestExemplars(InstantSource.fixed(Instant.ofEpochSecond(7)));

  private static RequestSeries series() {
    return new RequestSeries(null, null, 2, RequestEnd.COMPLETED);
  }

  private static TraceContext trace(String id) {
    return new TraceContext(id.repeat(32), "b".repeat(16), true);
  }

  @Test
  void each_bucket_keeps_its_newest_exemplar_with_value_and_time() {
    RequestSeries series = series();
    exemplars.keep(series, 3 * MILLI, trace("1"));
    exemplars.keep(series, 4 * MILLI, trace("2"));
    assertThat(exemplars.of(series))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.getValue()).isEqualTo(0.004);
              assertThat(each.getLabels().get(Exemplar.TRACE_ID)).isEqualTo("2".repeat(32));
              assertThat(each.getLabels().get(Exemplar.SPAN_ID)).isEqualTo("b".repeat(16));
              assertThat(each.getTimestampMillis()).isEqualTo(7_000);
            });
  }

  @Test
  void a_trace_that_is_not_sampled_is_not_referred_to_nor_that_of_another_series() {
    RequestSeries series = series();
    exemplars.keep(series, MILLI, new TraceContext("1".repeat(32), "b".repeat(16), false));
    exemplars.keep(series(), MILLI, trace("1"));
    assertThat(exemplars.of(series)).isEmpty();
  }

  @Test
  void their_number_is_bounded_however_many_series_there_are() {
    List<RequestSeries> all = new ArrayList<>();
    for (int i = 0; i < 2 * RequestExemplars.CAPACITY; i++) {
      RequestSeries series = series();
      all.add(series);
      exemplars.keep(series, MILLI, trace("1"));
    }
    long kept = all.stream().mapToLong(each -> exemplars.of(each).size()).sum();
    assertThat(kept).isBetween(1L, (long) RequestExemplars.CAPACITY);
  }
}
