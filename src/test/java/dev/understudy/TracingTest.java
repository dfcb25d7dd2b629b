package dev.understudy;

import static dev.understudy.tracing.OtlpSink.parentId;
import static dev.understudy.tracing.OtlpSink.spanId;
import static dev.understudy.tracing.OtlpSink.text;
import static dev.understudy.tracing.OtlpSink.traceId;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.pages.SettingsPage;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.tracing.OtlpSink;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Spans as a collector gets them, of requests in both lanes over all protocols. */
@Tag(Extent.FULL)
@ResourceLock("log of LocalResponses")
class TracingTest {
  private static final String PARENT = "b7ad6b7169203331";

  @AutoClose private static OtlpSink sink;
  @AutoClose private static TracedProxy proxy;

  private final List<TestClient> clients = new ArrayList<>();

  /** Of the row: the client's {@code X-Request-Id}, and a trace of its own. */
  private final String id = UUID.randomUUID().toString();

  private final String trace = id.replace("-", "");

  record Way(String lane, Protocol protocol) {
    String target(String pool) {
      return "/" + lane + "/" + pool + "/x?secret=1";
    }
  }

  static Stream<Way> ways() {
    return Extent.ends(all());
  }

  private static Stream<Way> all() {
    return Stream.of("express", "gateway")
        .flatMap(lane -> Protocol.STATIC.stream().map(protocol -> new Way(lane, protocol)));
  }

  static Stream<Way> http1() {
    return Extent.ends(all().filter(way -> way.protocol() != Protocol.HTTP_2));
  }

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    sink = new OtlpSink();
    proxy =
        new TracedProxy(
            folder,
            "management.opentelemetry.tracing.export.otlp.endpoint=" + sink.endpoint(),
            "management.opentelemetry.tracing.export.schedule-delay=20ms",
            "management.tracing.sampling.probability=1.0");
    // No connection is kept, which may be used before it is seen that the server is gone.
    proxy.fragile.script(
        call ->
            call.write("HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 7\r\n\r\nfragile"));
  }

  @BeforeEach
  void reply() {
    proxy.server.script(call -> call.reply(200, "server"));
  }

  @AfterEach
  void leave() {
    clients.forEach(TestClient::close);
  }

  private TestClient client(Way way) {
    TestClient client = way.protocol().connect(proxy.port(way.protocol()));
    clients.add(client);
    return client;
  }

  private TestClient send(TestClient client, Way way, String pool, String... more) {
    List<String> fields = new ArrayList<>(List.of("Host: a.test", "X-Request-Id: " + id));
    fields.addAll(List.of(more));
    return client.request("GET", way.target(pool), fields.toArray(String[]::new));
  }

  private Response ask(Way way, String pool, String... more) {
    return send(client(way), way, pool, more).response();
  }

  /** The span of a request of the client's trace. */
  private Span traced(Way way, String pool) {
    ask(way, pool, traceparent("01"));
    return sink.request(id);
  }

  private static void assertStatus(Span span, StatusCode code, @Nullable String error) {
    assertThat(span.getStatus().getCode()).isEqualTo(code);
    assertThat(text(span, "error.type")).isEqualTo(error);
  }

  private String traceparent(String flags) {
    return "traceparent: 00-" + trace + "-" + PARENT + "-" + flags;
  }

  private Span onlyAttempt(Span request) {
    assertThat(sink.attempts(request)).hasSize(1);
    return sink.attempts(request).getFirst();
  }

  private TestServer.Call lastCall() {
    return proxy.server.calls().getLast();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_request_without_a_trace_begins_one(Way way) {
    assertThat(ask(way, "shop").status()).isEqualTo(200);

    Span request = sink.request(id);
    assertThat(request.getKind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
    assertThat(request.getName()).isEqualTo("GET " + way.lane() + "-shop");
    assertThat(parentId(request)).isEmpty();
    assertThat(request.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
    assertThat(request.getEndTimeUnixNano()).isGreaterThan(request.getStartTimeUnixNano());
    assertThat(text(request, "http.request.method")).isEqualTo("GET");
    assertThat(text(request, "url.path")).isEqualTo("/" + way.lane() + "/shop/x");
    assertThat(text(request, "server.address")).isEqualTo("a.test");
    assertThat(text(request, "client.address")).isEqualTo("127.0.0.1");
    assertThat(text(request, "http.response.status_code")).isEqualTo("200");
    assertThat(text(request, "understudy.route")).isEqualTo(way.lane() + "-shop");
    assertThat(text(request, "understudy.pool")).isEqualTo("shop");
    assertThat(text(request, "understudy.server")).isEqualTo("a");
    assertThat(text(request, "understudy.attempts")).isEqualTo("1");
    assertThat(text(request, "understudy.held")).isEqualTo("0.0");
    assertThat(text(request, "understudy.outcome")).isEqualTo("COMPLETED");

    Span attempt = onlyAttempt(request);
    assertThat(attempt.getKind()).isEqualTo(SpanKind.SPAN_KIND_CLIENT);
    assertThat(attempt.getName()).isEqualTo("GET");
    assertThat(attempt.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
    assertThat(text(attempt, "url.full"))
        .isEqualTo("http://127.0.0.1:" + proxy.server.port() + "/" + way.lane() + "/shop/x");
    assertThat(text(attempt, "server.port")).isEqualTo("" + proxy.server.port());
    assertThat(text(attempt, "understudy.server")).isEqualTo("a");
    assertThat(text(attempt, "http.response.status_code")).isEqualTo("200");
    assertThat(text(attempt, "http.request.resend_count")).isNull();
    // Sampled, and of random bits (W3C Trace Context Level 2).
    assertThat(lastCall().headers("traceparent"))
        .containsExactly("00-" + traceId(request) + "-" + spanId(attempt) + "-03");
    assertThat(lastCall().headers("tracestate")).isEmpty();
    assertThat(request.toString() + attempt).doesNotContain("secret");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void the_trace_of_a_client_goes_on_with_its_state_and_baggage(Way way) {
    ask(way, "shop", traceparent("01"), "tracestate: a=1,b=2", "tracestate: c=3", "baggage: k=v");

    Span request = sink.request(id);
    assertThat(traceId(request)).isEqualTo(trace);
    assertThat(parentId(request)).isEqualTo(PARENT);
    assertThat(request.getTraceState()).isEqualTo("a=1,b=2,c=3");
    Span attempt = onlyAttempt(request);
    assertThat(traceId(attempt)).isEqualTo(trace);
    assertThat(lastCall().headers("traceparent"))
        .containsExactly("00-" + trace + "-" + spanId(attempt) + "-01");
    assertThat(lastCall().headers("tracestate")).containsExactly("a=1,b=2,c=3");
    assertThat(lastCall().headers("baggage")).containsExactly("k=v");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_trace_that_its_client_does_not_sample_goes_on_and_is_not_exported(Way way) {
    ask(way, "shop", traceparent("00"), "tracestate: a=1");
    assertThat(lastCall().headers("traceparent"))
        .singleElement()
        .asString()
        .matches("00-" + trace + "-(?!" + PARENT + ")[0-9a-f]{16}-00");
    assertThat(lastCall().headers("tracestate")).containsExactly("a=1");

    String later = UUID.randomUUID().toString();
    client(way).get(way.target("shop"), "Host: a.test", "X-Request-Id: " + later);
    sink.request(later);
    assertThat(sink.spans()).noneMatch(each -> traceId(each).equals(trace));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_malformed_trace_is_begun_anew_without_its_state(Way way) {
    ask(way, "shop", traceparent("01") + "-x", "tracestate: a=1");

    Span request = sink.request(id);
    assertThat(traceId(request)).isNotEqualTo(trace);
    assertThat(parentId(request)).isEmpty();
    assertThat(lastCall().headers("traceparent"))
        .singleElement()
        .asString()
        .startsWith("00-" + traceId(request));
    assertThat(lastCall().headers("tracestate")).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void each_attempt_of_a_replayed_request_has_a_span_and_is_a_parent(Way way) {
    int before = proxy.server.calls().size();
    proxy.server.script(
        call -> {
          if (proxy.server.calls().size() == before + 1) {
            call.reset();
          } else {
            call.reply(200, "again");
          }
        });
    assertThat(ask(way, "shop", traceparent("01")).body()).isEqualTo("again");

    Span request = sink.request(id);
    assertThat(text(request, "understudy.attempts")).isEqualTo("2");
    assertThat(request.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
    List<Span> attempts = sink.attempts(request);
    assertThat(attempts).hasSize(2);
    Span failed = attempts.get(0);
    Span replayed = attempts.get(1);
    assertThat(failed.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
    assertThat(failed.getStatus().getMessage()).isNotEmpty();
    assertThat(text(failed, "error.type")).isIn("BROKEN", "STALE");
    assertThat(text(failed, "http.response.status_code")).isNull();
    assertThat(replayed.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
    assertThat(text(replayed, "http.response.status_code")).isEqualTo("200");
    assertThat(text(replayed, "http.request.resend_count")).isEqualTo("1");
    assertThat(text(replayed, "understudy.connection")).isEqualTo("new");
    assertThat(proxy.server.calls().subList(before, before + 2))
        .extracting(call -> call.header("traceparent"))
        .containsExactly(
            "00-" + trace + "-" + spanId(failed) + "-01",
            "00-" + trace + "-" + spanId(replayed) + "-01");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void an_attempt_says_whether_its_connection_was_reused(Way way) {
    TestClient client = client(way);
    proxy.server.script(
        call -> call.write("HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    send(client, way, "shop").response();
    proxy.server.script(call -> call.reply(200, "server"));
    List<String> connections = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      String own = UUID.randomUUID().toString();
      client.request("GET", way.target("shop"), "Host: a.test", "X-Request-Id: " + own).response();
      connections.add(text(onlyAttempt(sink.request(own)), "understudy.connection"));
    }
    assertThat(connections).last().isEqualTo("reused");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_span_of_a_held_request_has_the_time_of_the_hold(Way way) {
    proxy.fragile.killIdle();
    TestClient client = client(way);
    send(client, way, "fragile", traceparent("01"));
    // It waits as a probe found the server DOWN, maybe amid an attempt or its connecting, or as one
    // was
    // refused.
    Await.until(
        "requests are held", () -> proxy.gauge("understudy.held.requests", "pool", "fragile") == 1);
    proxy.fragile.restart();
    assertThat(client.response().body()).isEqualTo("fragile");

    Span request = sink.request(id);
    assertThat(Double.parseDouble(text(request, "understudy.held"))).isPositive();
    assertThat(text(request, "understudy.attempts")).isEqualTo("1");
    List<Span> attempts = sink.attempts(request);
    assertThat(attempts.getLast().getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
    assertThat(attempts.subList(0, attempts.size() - 1))
        .allSatisfy(
            each ->
                assertThat(text(each, "error.type") + ": " + each.getStatus().getMessage())
                    .matches(
                        "CONNECT_FAILED: .*refused.*|SERVER_DOWN: judged DOWN"
                            + "|SELECTED_ANEW: nothing was sent"));
  }

  /** Path, status, outcome, and what stands for a route that is not there or no error. */
  static Stream<Arguments> local() {
    return ways()
        .flatMap(
            way ->
                Stream.of(
                    Arguments.of(way, "deny", 403, "LOCAL", true, null),
                    Arguments.of(way, "missing", 404, "LOCAL", false, null),
                    Arguments.of(way, "nobody", 503, "NO_SERVER", true, "NO_SERVER")));
  }

  @ParameterizedTest
  @MethodSource("local")
  void a_response_without_a_server_has_no_attempt(
      Way way, String path, int status, String outcome, boolean routed, @Nullable String error) {
    assertThat(ask(way, path, traceparent("01")).status()).isEqualTo(status);

    Span request = sink.request(id);
    String route = way.lane() + "-" + path;
    assertThat(traceId(request)).isEqualTo(trace);
    assertThat(parentId(request)).isEqualTo(PARENT);
    assertThat(request.getName()).isEqualTo(routed ? "GET " + route : "GET");
    assertThat(text(request, "http.response.status_code")).isEqualTo("" + status);
    assertThat(text(request, "understudy.outcome")).isEqualTo(outcome);
    assertThat(text(request, "understudy.route")).isEqualTo(routed ? route : null);
    assertThat(text(request, "understudy.server")).isNull();
    assertStatus(
        request,
        error == null ? StatusCode.STATUS_CODE_UNSET : StatusCode.STATUS_CODE_ERROR,
        error);
    assertThat(text(request, "understudy.pool")).isEqualTo(error == null ? null : path);
    assertThat(sink.attempts(request)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_servers_error_is_one_of_both_spans(Way way) {
    proxy.server.script(call -> call.reply(500, "no"));
    Span request = traced(way, "shop");
    assertStatus(request, StatusCode.STATUS_CODE_ERROR, "500");
    assertStatus(onlyAttempt(request), StatusCode.STATUS_CODE_ERROR, "500");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void a_client_that_goes_away_ends_both_spans(Way way) {
    CountDownLatch never = new CountDownLatch(1);
    int before = proxy.server.calls().size();
    proxy.server.script(call -> never.await());
    TestClient client = client(way);
    send(client, way, "shop", traceparent("01"));
    Await.until("the server has it", () -> proxy.server.calls().size() > before);
    client.abort();

    Span request = sink.request(id);
    never.countDown();
    assertThat(text(request, "understudy.outcome")).isEqualTo("CLIENT_GONE");
    assertStatus(request, StatusCode.STATUS_CODE_UNSET, "CLIENT_GONE");
    assertStatus(onlyAttempt(request), StatusCode.STATUS_CODE_UNSET, "CLIENT_GONE");
  }

  @ParameterizedTest
  @MethodSource("http1")
  void a_request_that_is_refused_has_a_span_in_its_trace(Way way) {
    RawClient client = (RawClient) client(way);
    client.send(
        "GET %s HTTP/1.1\r\nX-Request-Id: %s\r\n%s\r\n\r\n"
            .formatted(way.target("shop"), id, traceparent("01")));
    assertThat(client.response().status()).isEqualTo(400);

    Span request = sink.request(id);
    assertThat(parentId(request)).isEqualTo(PARENT);
    assertThat(text(request, "understudy.outcome")).isEqualTo("BAD_REQUEST");
    assertThat(sink.attempts(request)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("http1")
  void the_span_of_a_tunnel_ends_with_it_and_its_attempt_with_the_handshake(Way way) {
    CountDownLatch over = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          call.write(
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
          over.await();
          // A close frame (RFC 6455 §5.5.1).
          call.socket().getOutputStream().write(new byte[] {(byte) 0x88, 0});
          call.close();
        });
    TestClient client = client(way);
    send(
        client,
        way,
        "shop",
        traceparent("01"),
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    assertThat(client.response().status()).isEqualTo(101);
    Await.until(
        "the handshake's span",
        () -> sink.spans().stream().anyMatch(each -> traceId(each).equals(trace)));
    assertThat(sink.spans())
        .filteredOn(each -> traceId(each).equals(trace))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.getKind()).isEqualTo(SpanKind.SPAN_KIND_CLIENT);
              assertThat(text(each, "http.response.status_code")).isEqualTo("101");
              assertThat(each.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
            });
    over.countDown();
    client.close();

    Span request = sink.request(id);
    assertThat(text(request, "understudy.outcome")).isEqualTo("TUNNEL_CLOSED");
    assertThat(text(request, "http.response.status_code")).isEqualTo("101");
    assertThat(onlyAttempt(request).getEndTimeUnixNano()).isLessThan(request.getEndTimeUnixNano());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void the_access_log_names_the_trace(Way way) {
    ask(way, "shop", traceparent("01"));
    Await.until("the line", () -> proxy.accessLog().contains(id));
    assertThat(proxy.accessLog().lines().filter(line -> line.contains(id)))
        .singleElement()
        .asString()
        .endsWith(" trace=\"" + trace + "\"");
  }

  @Test
  void a_log_line_about_a_request_names_its_trace() {
    try (LogCapture log = LogCapture.of("dev.understudy.proxy.gateway.LocalResponses")) {
      Way way = new Way("gateway", Protocol.HTTP_1_1);
      assertThat(ask(way, "fail", traceparent("01")).status()).isEqualTo(500);
      Span request = sink.request(id);
      assertThat(text(request, "error.type")).isEqualTo("500");
      assertThat(log.events())
          .extracting(ILoggingEvent::getMDCPropertyMap)
          .filteredOn("traceId", trace)
          .singleElement(InstanceOfAssertFactories.map(String.class, String.class))
          .containsEntry("spanId", spanId(request));
    }
  }

  @Test
  void only_a_scrape_in_openmetrics_has_exemplars() {
    Way way = new Way("express", Protocol.HTTP_1_1);
    Span request = traced(way, "shop");
    String exemplar = "# {span_id=\"" + spanId(request) + "\",trace_id=\"" + trace + "\"} ";
    assertThat(proxy.scrape("application/openmetrics-text").lines())
        .filteredOn(line -> line.contains("_bucket{") && line.contains(exemplar))
        .singleElement()
        .asString()
        .startsWith("understudy_requests_seconds_bucket{")
        .contains("route=\"express-shop\"");
    assertThat(proxy.scrape("text/plain")).doesNotContain(trace);
  }

  /** Prometheus refuses a whole scrape that has one elsewhere (OpenMetrics 1.0, "Exemplars"). */
  @Test
  void exemplars_are_at_buckets_and_counters_alone() {
    traced(new Way("express", Protocol.HTTP_1_1), "shop");
    Map<String, String> types = new HashMap<>();
    List<String> referring = new ArrayList<>();
    for (String line : proxy.scrape("application/openmetrics-text").lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        String[] words = line.split(" ");
        types.put(words[2] + (words[3].equals("histogram") ? "_bucket" : "_total"), words[3]);
      } else if (line.contains(" # {")) {
        referring.add(line.substring(0, line.indexOf('{')));
      }
    }
    assertThat(referring)
        .isNotEmpty()
        .allSatisfy(name -> assertThat(types.get(name)).isIn("histogram", "counter"));
  }

  @Test
  void spans_have_understudys_attributes_that_the_page_names() {
    ask(new Way("express", Protocol.HTTP_1_1), "shop");
    Span request = sink.request(id);
    Stream<Span> both = Stream.concat(Stream.of(request), sink.attempts(request).stream());
    assertThat(
            both.flatMap(each -> each.getAttributesList().stream())
                .map(KeyValue::getKey)
                .filter(name -> name.startsWith("understudy."))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(SettingsPage.spanAttributes());
  }

  @Test
  void spans_name_the_service() {
    ask(new Way("express", Protocol.HTTP_1_1), "shop");
    sink.request(id);
    assertThat(sink.resources())
        .allSatisfy(
            each ->
                assertThat(each.getResource().getAttributesList())
                    .anySatisfy(
                        attribute -> {
                          assertThat(attribute.getKey()).isEqualTo("service.name");
                          assertThat(attribute.getValue().getStringValue()).isEqualTo("understudy");
                        }));
  }
}
