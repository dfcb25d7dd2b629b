package dev.understudy.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.testing.Extent;
import dev.understudy.testing.LogCapture;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.ConnectException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The bound on spans that wait, and what is told of those that are lost. */
@ResourceLock("log of SpanExport")
class SpanExportTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE);
  private final Deque<CompletableResultCode> sent = new ArrayDeque<>();
  private final LogCapture log = LogCapture.of(SpanExport.class);
  private boolean throwing;

  private final SpanExporter exporter =
      new SpanExporter() {
        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
          if (throwing) {
            throw new IllegalStateException("a defect");
          }
          CompletableResultCode result = new CompletableResultCode();
          sent.add(result);
          return result;
        }

        @Override
        public CompletableResultCode flush() {
          return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
          return CompletableResultCode.ofSuccess();
        }
      };

  private final SpanExport export = new SpanExport(2, registry, now::get);
  private final Tracer tracer =
      SdkTracerProvider.builder()
          .addSpanProcessor(
              export.bounded(SimpleSpanProcessor.create(export.counting(List.of(exporter)))))
          .build()
          .get("test");

  @AfterEach
  void close() {
    log.close();
  }

  private void spans(int count) {
    for (int i = 0; i < count; i++) {
      tracer.spanBuilder("s").startSpan().end();
    }
  }

  private double count(String outcome) {
    return registry.get("understudy.spans").tag("outcome", outcome).counter().count();
  }

  @Test
  void no_more_wait_than_may_and_one_that_was_exported_makes_room_for_another() {
    spans(5);
    assertThat(sent).hasSize(2);
    assertThat(count("DROPPED")).isEqualTo(3);

    sent.remove().succeed();
    spans(1);
    assertThat(count("EXPORTED")).isEqualTo(1);
    assertThat(count("DROPPED")).isEqualTo(3);
  }

  @Tag(Extent.SLOW)
  @Test
  void a_failed_export_makes_room_too_and_is_logged_with_its_cause() {
    spans(2);
    sent.remove().failExceptionally(new Exception("outer", new ConnectException("refused")));
    spans(1);
    assertThat(count("FAILED")).isEqualTo(1);
    assertThat(count("DROPPED")).isZero();
    assertThat(log.events())
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("1 spans were not exported: java.net.ConnectException: refused");
  }

  @Tag(Extent.SLOW)
  @Test
  void dropped_spans_are_logged_once_a_minute_together() {
    spans(4);
    sent.remove().fail();
    spans(1);
    sent.remove().fail();
    assertThat(log.events()).hasSize(1);
    now.addAndGet(TimeUnit.MINUTES.toNanos(1));
    sent.remove().succeed();
    assertThat(log.events())
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "3 spans were not exported: too many at a time",
            "1 spans were not exported: too many at a time");
  }

  @Tag(Extent.SLOW)
  @Test
  void with_several_exporters_a_span_counts_once() {
    SpanExporter both = export.counting(List.of(exporter, exporter));
    try (SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .addSpanProcessor(export.bounded(SimpleSpanProcessor.create(both)))
            .build()) {
      Tracer toBoth = provider.get("test");
      toBoth.spanBuilder("1").startSpan().end();
      toBoth.spanBuilder("2").startSpan().end();
      assertThat(sent).hasSize(4);
      sent.remove().succeed();
      sent.remove().succeed();
      sent.remove().succeed();
      sent.remove().fail();
      assertThat(count("EXPORTED")).isEqualTo(1);
      assertThat(count("FAILED")).isEqualTo(1);
      for (int i = 0; i < 3; i++) {
        toBoth.spanBuilder("more").startSpan().end();
      }
      assertThat(count("DROPPED")).isEqualTo(1);
      // The provider's end would wait for them.
      sent.forEach(CompletableResultCode::succeed);
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void an_exporter_that_throws_counts_as_one_that_fails() {
    throwing = true;
    spans(3);
    assertThat(count("FAILED")).isEqualTo(3);
    assertThat(count("DROPPED")).isZero();
  }
}
