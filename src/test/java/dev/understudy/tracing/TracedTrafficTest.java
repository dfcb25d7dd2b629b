package dev.understudy.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Outcomes;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.Rows;
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
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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

  /** T is the id of a trace and P that of a parent. */
  @Rows(
      """
      # a well-formed parent is continued
      true  | 00-T-P-01
      true  | 00-T-P-03
      true  | 01-T-P-01-what-a-later-version-adds
      # any other begins a new trace without the state
      false | ``
      false | 00
      false | 00-T-P
      false | 00-T-P-1
      false | 00-T-P-01-x
      false | 00-T-P-zz
      false | ff-T-P-01
      false | 00-0AF7651916CD43DD8448EB211C80319C-P-01
      false | 00-00000000000000000000000000000000-P-01
      false | 00-T-0000000000000000-01
      # two parents are as malformed as none
      false | 00-T-P-01 00-T-P-01
      """)
  void a_trace_is_continued_or_begun(boolean continued, String parents) {
    SpanData span = get(parents.replace("T", TRACE).replace("P", PARENT).split(" "));
    assertThat(span.getTraceId().equals(TRACE)).isEqualTo(continued);
    assertThat(span.getParentSpanContext().isValid()).isEqualTo(continued);
    assertThat(span.getParentSpanId().equals(PARENT)).isEqualTo(continued);
    assertThat(span.getSpanContext().getTraceState().asMap())
        .isEqualTo(continued ? Map.of("a", "1") : Map.of());
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
