package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.OperatorState;
import dev.understudy.proxy.http.ResponseKind;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** When a response ends that began at 100 s, where drain is 30 s; the latest moment is drawn. */
class ResponseLifetimeTest {
  private static final long BEGUN = seconds(100);
  private static final long DRAIN = 30;

  private final TestPools pools =
      TestPools.pool().master("a", 1).backup("b", 2).drain(Duration.ofSeconds(DRAIN)).start();

  private ResponseLifetime stay;

  private static long seconds(long count) {
    return TimeUnit.SECONDS.toNanos(count);
  }

  private void begin(ResponseKind kind) {
    SelectedServer from = new SelectedServer(pools.state(), pools.server("a"), false, false, 1);
    stay = new ResponseLifetime(from, kind, BEGUN, bound -> bound);
    judge(100);
    assertThat(end(100_000)).isNull();
  }

  private void judge(long second) {
    judge(second, 1);
  }

  private void judge(long second, int crowd) {
    stay.judge(pools.current(), Instant.now(), seconds(second), crowd);
  }

  private RequestEnd end(long second) {
    return stay.end(seconds(second), 0, false);
  }

  /** The age at which something happens, and at the end that follows; 0: by itself. */
  @Rows(
      """
      # serving moves
      EVENT_STREAM | move        | 1  | 31 | STREAM_MOVED
      EVENT_STREAM | move        | 50 | 80 | STREAM_MOVED
      STREAM       | move        | 1  | 31 | STREAM_MOVED
      STREAM       | move        | 50 | 80 | STREAM_MOVED
      DOWNLOAD     | move        | 1  | 0  |
      DOWNLOAD     | move        | 29 | 0  |
      DOWNLOAD     | move        | 30 | 60 | STREAM_MOVED
      # maintenance
      EVENT_STREAM | maintenance | 1  | 1  | STREAM_MOVED
      STREAM       | maintenance | 1  | 30 | STREAM_MOVED
      STREAM       | maintenance | 50 | 50 | STREAM_MOVED
      DOWNLOAD     | maintenance | 1  | 30 | STREAM_MOVED
      DOWNLOAD     | maintenance | 50 | 50 | STREAM_MOVED
      # the server is DOWN and not silent: over two seconds once drain is over
      EVENT_STREAM | refused     | 1  | 33 | STREAM_MOVED
      STREAM       | refused     | 1  | 33 | STREAM_MOVED
      STREAM       | refused     | 50 | 82 | STREAM_MOVED
      DOWNLOAD     | refused     | 1  | 0  |
      DOWNLOAD     | refused     | 50 | 0  |
      # we stop within ten seconds
      EVENT_STREAM | stop        | 1  | 11 | STOPPING
      STREAM       | stop        | 1  | 0  |
      STREAM       | stop        | 50 | 60 | STOPPING
      DOWNLOAD     | stop        | 50 | 0  |
      """)
  void it_ends(ResponseKind kind, String what, long age, long end, @Nullable RequestEnd reason) {
    begin(kind);
    switch (what) {
      case "maintenance" -> pools.operator("a", OperatorState.MAINTENANCE);
      case "refused" -> {
        pools.probed("a", ProbeOutcome.CONNECT_FAILED);
        pools.failover("a", "b");
      }
      case "stop" -> {
        stay.stop(seconds(100 + age), seconds(10));
        pools.serve("b");
      }
      default -> pools.serve("b");
    }
    judge(100 + age);
    assertThat(end(reason == null ? 1_000_000 : 99 + end)).isNull();
    if (reason != null) {
      assertThat(end(100 + end)).isEqualTo(reason);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "10, 20", "1000, 2000", "100000, 2000"})
  void few_event_streams_leave_a_failed_server_soon_and_many_over_two_seconds(
      int crowd, long millis) {
    begin(ResponseKind.EVENT_STREAM);
    pools.silent("a");
    pools.serve("b");
    judge(101, crowd);
    long due = seconds(101) + TimeUnit.MILLISECONDS.toNanos(millis);
    assertThat(stay.end(due - 1, 0, false)).isNull();
    assertThat(stay.end(due, 0, false)).isEqualTo(RequestEnd.STREAM_MOVED);
  }

  @ParameterizedTest
  @EnumSource(ResponseKind.class)
  void silence_of_a_server_judged_by_it_ends_all_that_is_as_silent(ResponseKind kind) {
    begin(kind);
    pools.silent("a");
    judge(101);
    long judgement = TimeUnit.MILLISECONDS.toNanos(1500);
    if (kind != ResponseKind.EVENT_STREAM) {
      assertThat(stay.end(seconds(102), judgement - 1, false)).isNull();
    }
    assertThat(stay.end(seconds(102), judgement, true)).isEqualTo(RequestEnd.RESPONSE_BROKEN);
    pools.probed("a");
    assertThat(pools.server("a").lastProbe().outcome()).isEqualTo(ProbeOutcome.OK);
    judge(102);
    if (kind != ResponseKind.EVENT_STREAM) {
      assertThat(stay.end(seconds(103), judgement, false)).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({"DOWNLOAD, ", "STREAM, ", "EVENT_STREAM, STREAM_MOVED"})
  void an_upload_is_waited_for_but_by_event_streams(ResponseKind kind, RequestEnd reason) {
    begin(kind);
    pools.operator("a", OperatorState.MAINTENANCE);
    judge(200);
    assertThat(stay.end(seconds(300), 0, true)).isEqualTo(reason);
  }
}
