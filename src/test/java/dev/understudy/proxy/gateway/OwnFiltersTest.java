package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.RawClient.get;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.ServerId;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.traffic.RequestOutcome;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The filters of our own, in front of a plain listener that trusts its neighbour. */
class OwnFiltersTest {
  private static final String HSTS = "StrictTransportSecurity=max-age=16000000; preload";
  private static LaneApp app;

  @BeforeAll
  static void start() {
    app = LaneApp.start("understudy.trusted-proxies=127.0.0.1/32");
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @BeforeEach
  void fresh() {
    app.engine.script(ScriptedEngine.Call::echo);
    app.ended.outcomes.clear();
  }

  @ParameterizedTest
  @CsvSource({
    "RedirectToHttps=301, 301, https://a.test/x?y=%zz|",
    "RedirectToHttps=308, 308, https://a.test/x?y=%zz|",
    "'RedirectToHttps=302,8443', 302, https://a.test:8443/x?y=%zz|",
    "RedirectToHttps, 301, https://a.test/x?y=%zz|",
  })
  void a_plain_request_is_sent_to_the_same_target_on_https(
      String filter, int status, String location) throws IOException {
    app.use(List.of(filter), everything());
    String response = get(app.port(), "/x?y=%zz|", "Host: a.test:8080");
    assertThat(response)
        .startsWith("HTTP/1.1 " + status)
        .contains("location: " + location + "\r\n");
    assertThat(app.engine.calls).isEmpty();
  }

  @Test
  void a_request_without_a_host_is_not_led_to_wherever_its_target_says() throws IOException {
    app.use(List.of("RedirectToHttps=301"), everything());
    assertThat(RawClient.exchange(app.port(), "GET //evil.test/ HTTP/1.0\n\n"))
        .startsWith("HTTP/1.1 400")
        .doesNotContainIgnoringCase("location:");
  }

  @Test
  void a_request_whose_tls_a_trusted_proxy_ended_is_not_redirected() throws IOException {
    app.use(List.of("RedirectToHttps=301"), everything());
    assertThat(get(app.port(), "/x", "X-Forwarded-Proto: https")).startsWith("HTTP/1.1 200");
  }

  @Test
  void strict_transport_security_is_on_responses_over_tls_and_no_other() throws IOException {
    app.use(List.of(HSTS), everything());
    assertThat(get(app.port(), "/")).doesNotContainIgnoringCase("strict-transport");
    assertThat(get(app.port(), "/", "X-Forwarded-Proto: https"))
        .contains("Strict-Transport-Security: max-age=16000000; preload\r\n");
  }

  @Test
  void strict_transport_security_is_on_local_responses_too_and_replaces_the_servers()
      throws IOException {
    app.use(List.of(HSTS, "RequireWebSocketUpgrade=/websocket"), everything());
    assertThat(get(app.port(), "/websocket", "X-Forwarded-Proto: https"))
        .startsWith("HTTP/1.1 403")
        .contains("Strict-Transport-Security: max-age=16000000; preload\r\n");
    app.engine.script(
        call ->
            call.respond(ScriptedEngine.head(200, "strict-transport-security", "max-age=1"), "x"));
    assertThat(get(app.port(), "/", "X-Forwarded-Proto: https"))
        .containsOnlyOnce("max-age=")
        .contains("max-age=16000000; preload");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/websocket",
        "/%77ebsocket",
        "/x/../websocket",
        "/websocket?a=b",
        "//websocket",
        "/websocket;a=b",
        "/;a/websocket",
        "/x/..;a/websocket",
        "/x//../websocket",
        "//x/;a/..;b/../websocket;c?d"
      })
  void the_guard_refuses_that_path_without_an_upgrade(String target) throws IOException {
    app.use(List.of("RequireWebSocketUpgrade=/websocket"), everything());
    assertThat(get(app.port(), target)).startsWith("HTTP/1.1 403");
    assertThat(app.engine.calls).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "Upgrade, websocket, 200",
    "'keep-alive, uPGRADE', WebSocket, 200",
    "upgrade, 'h2c, websocket', 200",
    "upgrade, websockets, 403",
    "xupgrade, websocket, 403",
    "keep-alive, websocket, 403",
  })
  void the_guard_reads_both_lists_in_any_letter_case(String connection, String upgrade, int status)
      throws IOException {
    app.use(List.of("RequireWebSocketUpgrade=/websocket"), everything());
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines(
          ("GET /websocket HTTP/1.1\nHost: a\nConnection: %s\nUpgrade: %s\n"
                  + "Sec-WebSocket-Key: x\nSec-WebSocket-Version: 13\n\n")
              .formatted(connection, upgrade));
      assertThat(client.readUntil("\r\n")).startsWith("HTTP/1.1 " + status);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/websocket/",
        "/websocket;a/",
        "/websocket;a/b",
        "/websocketx",
        "/a/websocket",
        "/WEBSOCKET"
      })
  void the_guard_lets_every_other_path_pass(String target) throws IOException {
    app.use(List.of("RequireWebSocketUpgrade=/websocket"), everything());
    assertThat(get(app.port(), target)).startsWith("HTTP/1.1 200");
  }

  @Test
  void the_guard_judges_what_the_client_sent_whatever_other_filters_make_of_it()
      throws IOException {
    app.use(List.of("RequireWebSocketUpgrade=/websocket"), everything("SetPath=/other"));
    assertThat(get(app.port(), "/websocket")).startsWith("HTTP/1.1 403");
  }

  @Test
  void prefer_server_passes_the_server_to_the_engine() throws IOException {
    app.use(
        List.of(),
        route("master", "pool://sense", "Host=master.domain.com", "PreferServer=sen2"),
        everything());
    for (String host : List.of("master.domain.com", "MASTER.Domain.com", "master.domain.com:80")) {
      get(app.port(), "/", "Host: " + host);
      assertThat(app.engine.last().request.prefer()).isEqualTo(new ServerId("sen2"));
    }
    get(app.port(), "/", "Host: other.domain.com");
    assertThat(app.engine.last().request.prefer()).isNull();
  }

  @Test
  void a_request_that_no_engine_saw_has_one_outcome() throws IOException {
    app.use(
        List.of("RequireWebSocketUpgrade=/websocket"),
        route("r", "pool://sense", "Path=/r", "RedirectToHttps=301"),
        route("w", "pool://sense", "Path=/websocket"),
        route("p", "pool://sense", "Path=/p"));
    for (String path : List.of("r", "websocket", "nowhere", "p")) {
      get(app.port(), "/" + path, "X-Request-Id: own-" + path);
    }
    Await.until("three ended", () -> own().size() >= 3);
    assertThat(own())
        .containsExactlyInAnyOrder(
            "301 r /r own-r LOCAL",
            "403 w /websocket own-websocket LOCAL",
            "404 null /nowhere own-nowhere LOCAL");
  }

  /** Without what may still be heard of another test's connections. */
  private static List<String> own() {
    return app.ended.outcomes.stream()
        .filter(o -> o.requestId().startsWith("own-"))
        .map(
            o ->
                "%d %s %s %s %s"
                    .formatted(o.status(), routeOf(o), o.target(), o.requestId(), o.end()))
        .toList();
  }

  private static @Nullable String routeOf(RequestOutcome outcome) {
    return outcome.route() == null ? null : outcome.route().id();
  }
}
