package dev.understudy.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Outcomes;
import dev.understudy.testing.Recorder;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.RequestSpan;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which trace a request belongs to, and what its span says of its end. */
class TracedTrafficTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";

  private final List<SpanData> ended = new ArrayList<>();
  private final Recorder seen = new Recorder();
  private final TracedTraffic traffic =
      new TracedTraffic(
          SdkTracerProvider.builder().addSpanProcessor(new Keeping()).build().get("test"), seen);

  private static HttpHeaders headers(String... parents) {
    HttpHeaders headers = new DefaultHttpHeaders();
    List.of(parents).forEach(each -> headers.add("Traceparent", each));
    return headers.add("tracestate", "a=1");
  }

  private static RequestOutcome outcome(String method, String target, int status, RequestEnd end) {
    return Outcomes.local(() -> "r", method, target, status, end);
  }

  private SpanData get(String... parents) {
    return local(outcome("GET", "/", 200, RequestEnd.LOCAL), parents);
  }

  private static String attribute(SpanData span, String name) {
    return span.getAttributes().get(AttributeKey.stringKey(name));
  }

  private SpanData local(RequestOutcome outcome, String... parents) {
    traffic.endedLocally(outcome, headers(parents));
    return ended.getLast();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-" + TRACE + "-" + PARENT + "-01",
        "00-" + TRACE + "-" + PARENT + "-03",
        "01-" + TRACE + "-" + PARENT + "-01-what-a-later-version-adds"
      })
  void a_well_formed_parent_is_continued(String parent) {
    SpanData span = get(parent);
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo(PARENT);
    assertThat(span.getSpanContext().getTraceState().get("a")).isEqualTo("1");
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-" + TRACE + "-" + PARENT,
        "00-" + TRACE + "-" + PARENT + "-1",
        "00-" + TRACE + "-" + PARENT + "-01-x",
        "00-" + TRACE + "-" + PARENT + "-zz",
        "ff-" + TRACE + "-" + PARENT + "-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + PARENT + "-01",
        "00-00000000000000000000000000000000-" + PARENT + "-01",
        "00-" + TRACE + "-0000000000000000-01"
      })
  void any_other_begins_a_new_trace_without_the_state(String parent) {
    SpanData span = get(parent);
    assertThat(span.getTraceId()).isNotEqualTo(TRACE);
    assertThat(span.getParentSpanContext().isValid()).isFalse();
    assertThat(span.getSpanContext().getTraceState().isEmpty()).isTrue();
  }

  @Test
  void two_parents_are_as_malformed_as_none() {
    String parent = "00-" + TRACE + "-" + PARENT + "-01";
    SpanData span = get(parent, parent);
    assertThat(span.getTraceId()).isNotEqualTo(TRACE);
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @CsvSource({"a.test,a.test", "a.test:8443,a.test", "[::1]:80,[::1]", "[::1],[::1]"})
  void the_servers_address_is_the_name_without_the_port(String host, String name) {
    assertThat(SpanAttributes.name(host)).isEqualTo(name);
  }

  @Tag(Extent.SLOW)
  @Test
  void the_span_lasts_as_long_as_the_outcome_says() {
    SpanData span = get();
    assertThat(span.getEndEpochNanos() - span.getStartEpochNanos()).isEqualTo(1_500_000);
  }

  @Test
  void outcomes_name_their_span() {
    SpanData local = get();
    assertThat(seen.outcomes.getLast().trace().spanId()).isEqualTo(local.getSpanId());
    assertThat(seen.outcomes.getLast().trace().sampled()).isTrue();
    RequestSpan forwarded = traffic.began(headers(), System.nanoTime());
    forwarded.end(outcome("GET", "/", 200, RequestEnd.COMPLETED));
    assertThat(forwarded.context().traceId()).isEqualTo(ended.getLast().getTraceId());
    assertThat(forwarded.context().spanId()).isEqualTo(ended.getLast().getSpanId());
  }

  @Test
  void clients_cannot_choose_the_name_of_a_span() {
    SpanData span = local(outcome("BREW", "/", 200, RequestEnd.LOCAL));
    assertThat(span.getName()).isEqualTo("HTTP r");
    assertThat(attribute(span, "http.request.method")).isEqualTo("_OTHER");
    assertThat(attribute(span, "http.request.method_original")).isEqualTo("BREW");
  }

  @Test
  void texts_of_clients_are_bounded_and_queries_left_out() {
    SpanData span = local(outcome("GET", "/" + "a".repeat(5_000) + "?q", 200, RequestEnd.LOCAL));
    assertThat(attribute(span, "url.path")).hasSize(1_024);
    SpanData short_ = local(outcome("GET", "/a?token=1", 200, RequestEnd.LOCAL));
    assertThat(attribute(short_, "url.path")).isEqualTo("/a");
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @EnumSource
  void requests_that_failed_are_errors_whatever_their_status_and_of_all_others_only_a_5xx(
      RequestEnd end) {
    boolean failed =
        switch (end) {
          case NO_SERVER,
              HOLD_FULL,
              SERVER_FAILED,
              RESPONSE_TIMED_OUT,
              RESPONSE_BROKEN,
              STOPPING,
              TUNNEL_BROKEN ->
              true;
          default -> false;
        };
    SpanData span = local(outcome("GET", "/", 404, end));
    assertThat(span.getStatus()).isEqualTo(failed ? StatusData.error() : StatusData.unset());
    if (failed) {
      assertThat(attribute(span, "error.type")).isEqualTo(end.name());
    }
    assertThat(local(outcome("GET", "/", 500, end)).getStatus()).isEqualTo(StatusData.error());
  }

  private final class Keeping implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ended.add(span.toSpanData());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }
}
