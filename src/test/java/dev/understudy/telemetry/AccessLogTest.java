package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.telemetry.AccessLog.Format;
import dev.understudy.testing.LogCapture;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import dev.understudy.traffic.TraceContext;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The access log's lines, and what happens when the output is slow. */
@Isolated("reads what is logged")
class AccessLogTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-20T07:21:31.123456Z"));

  private static final TraceContext SPAN = new TraceContext("a".repeat(32), "b".repeat(16), false);

  private static final String PLAIN =
      "2026-11-20T07:21:31.123Z client=\"192.0.2.7\" method=\"GET\" host=\"a.test\""
          + " target=\"/a?b=c\" status=200 route=\"sense\" pool=\"sense\" server=\"sen2\""
          + " attempts=2 held=0.250000 duration=1.000042 in=3 out=4096 end=COMPLETED"
          + " id=\"id-1\"";

  private static final String JSON_LINE =
      """
      {"time":"2026-11-20T07:21:31.123Z","client":"192.0.2.7","method":"GET",\
      "host":"a.test","target":"/a?b=c","status":200,"route":"sense","pool":"sense",\
      "server":"sen2","attempts":2,"held":0.250000,"duration":1.000042,"in":3,"out":4096,\
      "end":"COMPLETED","id":"id-1"\
      """;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void a_plain_line_has_all_fields_and_that_of_a_traced_request_its_trace() {
    assertThat(write(Format.PLAIN, request("/a?b=c"), request("/a?b=c").tracedBy(SPAN)))
        .containsExactly(PLAIN, PLAIN + " trace=\"" + SPAN.traceId() + "\"");
  }

  @Test
  void a_json_line_has_all_fields_and_that_of_a_traced_request_its_trace() {
    assertThat(write(Format.JSON, request("/a?b=c"), request("/a?b=c").tracedBy(SPAN)))
        .containsExactly(JSON_LINE + "}", JSON_LINE + ",\"trace\":\"" + SPAN.traceId() + "\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "::1, ::1",
    "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "192.0.2.8, 192.0.2.8",
  })
  void clients_are_written_in_the_form_of_rfc_5952(String client, String written) {
    RequestOutcome request = request("/", "a.test", at(client));
    assertThat(write(Format.PLAIN, request).get(0)).contains(" client=\"" + written + "\" ");
    assertThat(json(request).path("client").asString()).isEqualTo(written);
  }

  @Test
  void absent_values_are_null_or_a_dash_and_a_client_without_an_address_is_its_name() {
    RequestOutcome refused = outcome(null, "/", "a.test", at("192.0.2.7"));
    assertThat(write(Format.PLAIN, refused).get(0)).contains(" route=- pool=- server=- ");
    assertThat(json(refused).path("server").isNull()).isTrue();
    RequestOutcome unknown = request("/", "a.test", InetSocketAddress.createUnresolved("them", 1));
    assertThat(json(unknown).path("client").asString()).isEqualTo("them");
  }

  @Test
  void nothing_a_client_sends_ends_a_line_or_a_field_and_json_gives_back_exactly_what_it_sent() {
    String evil = "/\r\n\u0000\" status=500 \\\u0085\u2028\u001b[2J\u00e9";
    RequestOutcome request = request(evil, evil, at("192.0.2.7"));
    for (Format format : EnumSet.complementOf(EnumSet.of(Format.OFF))) {
      out.reset();
      assertThat(write(format, request))
          .singleElement()
          .asString()
          .matches("[ -~]*")
          .contains(
              format == Format.HAPROXY
                  ? "/#0D#0A#00#22 status=500 \\#85#E2#80#A8#1B[2J#E9"
                  : "/\\u000d\\u000a\\u0000\\\" status=500 \\\\\\u0085\\u2028\\u001b[2J\\u00e9");
    }
    assertThat(json(request).path("target").asString()).isEqualTo(evil);
  }

  @Test
  void long_text_is_cut() {
    JsonNode line = json(request("/" + "x".repeat(9_000), "h".repeat(999), at("192.0.2.7")));
    assertThat(line.path("target").asString()).hasSize(1_024).endsWith("x...");
    assertThat(line.path("host").asString()).hasSize(255).endsWith("h...");
  }

  @Test
  void off_writes_nothing() {
    assertThat(write(Format.OFF, request("/"))).isEmpty();
    try (AccessLog log = new AccessLog(Format.OFF, LogFields.NONE, out, CLOCK, registry)) {
      assertThat(log.enabled()).isFalse();
    }
  }

  @Test
  void closing_writes_what_is_waiting_in_order() {
    RequestOutcome[] many =
        IntStream.range(0, 3_000).mapToObj(i -> request("/" + i)).toArray(RequestOutcome[]::new);
    List<String> lines = write(Format.JSON, many);
    assertThat(lines).hasSize(3_000);
    for (int i = 0; i < 3_000; i++) {
      assertThat(lines.get(i)).contains("\"target\":\"/" + i + "\"");
    }
  }

  @Test
  void records_from_many_threads_all_arrive() throws InterruptedException {
    try (AccessLog log = new AccessLog(Format.PLAIN, LogFields.NONE, out, CLOCK, registry)) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        threads.add(
            Thread.startVirtualThread(
                () ->
                    IntStream.range(0, 1_000)
                        .forEach(i -> log.log(request("/"), EmptyHttpHeaders.INSTANCE, null))));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(lines()).hasSize(4_000);
    assertThat(registry.scrape()).contains("understudy_access_log_dropped_total 0.0");
  }

  @Test
  void an_output_that_hangs_costs_lines_that_are_counted_but_never_the_caller()
      throws InterruptedException {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch writing = new CountDownLatch(1);
    OutputStream hanging =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int from, int count) throws IOException {
            writing.countDown();
            try {
              hangs.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            out.write(bytes, from, count);
          }
        };
    LogCapture reports = LogCapture.of(AccessLog.class);
    try (reports;
        AccessLog log = new AccessLog(Format.PLAIN, LogFields.NONE, hanging, CLOCK, registry)) {
      log.log(request("/first"), EmptyHttpHeaders.INSTANCE, null);
      writing.await();
      for (int i = 0; i < AccessLog.CAPACITY + 100; i++) {
        log.log(request("/"), EmptyHttpHeaders.INSTANCE, null);
      }
      assertThat(registry.scrape()).contains("understudy_access_log_dropped_total 100.0");
      hangs.countDown();
    }
    assertThat(reports.events())
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("Access log: 100 lines were not written, because the output is too slow");
    assertThat(lines()).hasSize(1 + AccessLog.CAPACITY);
  }

  @Test
  void an_output_that_is_broken_is_counted() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("broken pipe");
          }
        };
    try (AccessLog log = new AccessLog(Format.PLAIN, LogFields.NONE, broken, CLOCK, registry)) {
      log.log(request("/"), EmptyHttpHeaders.INSTANCE, null);
      log.log(request("/"), EmptyHttpHeaders.INSTANCE, null);
    }
    assertThat(registry.scrape()).contains("understudy_access_log_dropped_total 2.0");
  }

  private JsonNode json(RequestOutcome request) {
    out.reset();
    return JsonMapper.shared().readTree(write(Format.JSON, request).get(0));
  }

  private List<String> write(Format format, RequestOutcome... requests) {
    try (AccessLog log = new AccessLog(format, LogFields.NONE, out, CLOCK, registry)) {
      for (RequestOutcome request : requests) {
        log.log(request, EmptyHttpHeaders.INSTANCE, null);
      }
    }
    return lines();
  }

  private List<String> lines() {
    String text = out.toString(StandardCharsets.UTF_8);
    assertThat(text.isEmpty() || text.endsWith("\n")).isTrue();
    return text.isEmpty() ? List.of() : List.of(text.substring(0, text.length() - 1).split("\n"));
  }

  private static RequestOutcome request(String target) {
    return request(target, "a.test", at("192.0.2.7"));
  }

  private static RequestOutcome request(String target, String host, InetSocketAddress client) {
    return outcome(new ServerId("sen2"), target, host, client);
  }

  /**
   * @param server null: neither route nor pool
   */
  private static RequestOutcome outcome(
      @Nullable ServerId server, String target, String host, InetSocketAddress client) {
    return new RequestOutcome(
        server == null ? null : () -> "sense",
        server == null ? null : new PoolId("sense"),
        server,
        client,
        "id-1",
        "GET",
        host,
        target,
        200,
        RequestEnd.COMPLETED,
        2,
        250_000_000,
        -1,
        1_000_042_999,
        3,
        4_096,
        null,
        null);
  }

  private static InetSocketAddress at(String literal) {
    return new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(literal), 40_000);
  }
}
