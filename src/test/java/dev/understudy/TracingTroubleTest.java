package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.tracing.OtlpSink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Requests, and the stop, while the collector is slow, or not there. */
@ResourceLock("log of SpanExport")
class TracingTroubleTest {
  private static final int REQUESTS = 40;
  private static final String EXPORT = "management.opentelemetry.tracing.export.";
  private static final String SOON = EXPORT + "schedule-delay=20ms";
  private static final String LOGGER = "dev.understudy.tracing.SpanExport";

  @TempDir Path folder;

  /** One that exports there, if anywhere. */
  private TracedProxy proxy(String endpoint, String sampled, String... more) throws Exception {
    List<String> settings =
        new ArrayList<>(List.of("management.tracing.sampling.probability=" + sampled));
    if (!endpoint.isEmpty()) {
      settings.add(EXPORT + "otlp.endpoint=" + endpoint);
    }
    settings.addAll(List.of(more));
    return new TracedProxy(folder, settings.toArray(String[]::new));
  }

  private static void assertServed(TracedProxy proxy) {
    try (TestClient client = Protocol.HTTP_1_1.connect(proxy.port(Protocol.HTTP_1_1))) {
      for (int i = 0; i < REQUESTS; i++) {
        String target = (i % 2 == 0 ? "/express" : "/gateway") + "/shop/x";
        assertThat(client.get(target, "Host: a.test").status()).isEqualTo(200);
      }
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void a_collector_that_does_not_respond_costs_spans_and_no_request_and_the_stop_is_not_held_up()
      throws Exception {
    try (OtlpSink sink = new OtlpSink();
        TracedProxy proxy =
            proxy(
                sink.endpoint(),
                "1.0",
                SOON,
                EXPORT + "max-queue-size=16",
                EXPORT + "max-batch-size=8")) {
      sink.freeze();
      assertServed(proxy);
      // Each request has two spans, of which 16 wait.
      Await.until("spans are dropped", () -> proxy.spans("DROPPED") == 2 * REQUESTS - 16);
      proxy.stop();
      assertThat(sink.spans()).isEmpty();
    }
  }

  @Test
  void a_missing_collector_is_logged_in_one_line() throws Exception {
    try (TestServer gone = new TestServer("gone");
        TracedProxy proxy =
            proxy(
                "http://127.0.0.1:" + gone.port() + "/v1/traces",
                "1.0",
                EXPORT + "otlp.timeout=100ms",
                SOON);
        LogCapture log = LogCapture.of(LOGGER)) {
      gone.kill();
      assertServed(proxy);
      Await.until("all spans have failed", () -> proxy.spans("FAILED") == 2 * REQUESTS);
      assertThat(log.events())
          .extracting(ILoggingEvent::getFormattedMessage)
          .singleElement()
          .asString()
          .matches("\\d+ spans were not exported: .*Connect(Timeout)?Exception.*");
    }
  }

  @Test
  void spans_that_wait_at_the_stop_are_exported() throws Exception {
    try (OtlpSink sink = new OtlpSink();
        TracedProxy proxy = proxy(sink.endpoint(), "1.0", EXPORT + "schedule-delay=1h")) {
      assertServed(proxy);
      assertThat(sink.spans()).isEmpty();
      proxy.stop();
      assertThat(sink.spans()).hasSize(2 * REQUESTS);
    }
  }

  @Test
  void without_an_endpoint_traces_are_passed_on_and_no_span_is_kept() throws Exception {
    try (TracedProxy proxy = proxy("", "1.0")) {
      assertServed(proxy);
      assertThat(proxy.server.calls())
          .allSatisfy(
              call ->
                  assertThat(call.header("traceparent"))
                      .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-03"));
      assertThat(proxy.spans("DROPPED") + proxy.spans("FAILED") + proxy.spans("EXPORTED")).isZero();
    }
  }

  @Test
  void requests_without_a_parent_are_sampled_at_the_set_rate() throws Exception {
    try (OtlpSink sink = new OtlpSink();
        TracedProxy proxy = proxy(sink.endpoint(), "0.0")) {
      assertServed(proxy);
      proxy.stop();
      assertThat(proxy.server.calls())
          .allSatisfy(call -> assertThat(call.header("traceparent")).endsWith("-02"));
      assertThat(sink.spans()).isEmpty();
    }
  }
}
