package dev.understudy;

import static dev.understudy.TestProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code Deny} and {@code Respond}: local responses, the same in both lanes and all protocols. */
@Tag(Extent.FULL)
class LocalFiltersTest {
  private static final String HSTS = "max-age=16000000";

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        TestProxy.lanes(
            folder,
            """
            deny: [ 'Deny' ]
            deny-429: [ 'Deny=429' ]
            deny-451: [ 'Deny=451' ]
            deny-599: [ 'Deny=599' ]
            deny-long: [ { name: Deny, args: { status: 404 } } ]
            respond: [ 'Respond' ]
            status-alone: [ 'Respond=503' ]
            commas: [ 'Respond=200,  a, b,, c , ' ]
            braces: [ 'Respond=200, {"status": "ok", "of": [1]}' ]
            beyond-ascii: [ 'Respond=201, grüß €' ]
            respond-long: [ { name: Respond, args: { status: 500, text: " a,\\n" } } ]
            empty-long: [ { name: Respond, args: { text: '' } } ]
            204: [ 'Respond=204, unsent' ]
            205: [ 'Respond=205, unsent' ]
            304: [ 'Respond=304, unsent' ]
            hsts-before: [ 'StrictTransportSecurity=max-age=16000000', 'Deny' ]
            hsts-after: [ 'Respond', 'StrictTransportSecurity=max-age=16000000' ]
            redirect-before: [ 'RedirectToHttps', 'Deny' ]
            redirect-after: [ 'Deny', 'RedirectToHttps' ]
            respond-deny: [ 'Respond=200, first', 'Deny' ]
            headers: [ 'SetResponseHeader=X-A,1', 'Respond=200, x', 'AddResponseHeader=X-B,1' ]
            headers-deny: [ 'AddResponseHeader=X-A,1', 'Deny' ]
            server: [ ]
            """);
  }

  /** Answers of both lanes, which are equal but for the order and letter case of field names. */
  private static Response ask(Protocol protocol, String method, String name) {
    List<Response> responses = new ArrayList<>();
    for (String lane : LANES) {
      try (TestClient client = proxy.connect(protocol)) {
        client.request(method, lane + name, "Host: a.test", "X-Request-Id: one");
        responses.add(client.response(method));
      }
    }
    assertThat(sorted(responses.get(1))).isEqualTo(sorted(responses.get(0)));
    return responses.get(0);
  }

  private static String sorted(Response response) {
    String[] lines = response.head().strip().split("\r\n");
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      lines[i] = lines[i].substring(0, colon).toLowerCase(Locale.ROOT) + lines[i].substring(colon);
    }
    Arrays.sort(lines, 1, lines.length);
    return String.join("\n", lines) + "\n\n" + response.body();
  }

  /** What {@code Deny} responds with; the title stands for the whole body. */
  @ParameterizedTest
  @CsvSource({
    "deny, 403, Forbidden",
    "deny-429, 429, Too Many Requests",
    "deny-451, 451, Unavailable For Legal Reasons",
    "deny-599, 599, Server Error (599)",
    "deny-long, 404, Not Found",
  })
  void both_lanes_deny_with_the_same_problem(String name, int status, String title) {
    String problem =
        "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"requestId\":\"one\"}";
    assertLocal(name, status, "application/problem+json", problem.formatted(title, status));
  }

  /** No text at all: no {@code Content-Length}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          respond      | 200 | ""
          status-alone | 503 | ""
          commas       | 200 | a, b,, c ,
          braces       | 200 | "{""status"": ""ok"", ""of"": [1]}"
          beyond-ascii | 201 | grüß €
          respond-long | 500 | " a,\n"
          empty-long   | 200 | ""
          204          | 204 |
          205          | 205 | ""
          304          | 304 |
          respond-deny | 200 | first
          """)
  void both_lanes_give_the_same_local_response(String name, int status, @Nullable String text) {
    boolean empty = text == null || text.isEmpty();
    assertLocal(name, status, empty ? null : "text/plain;charset=utf-8", text);
  }

  private static void assertLocal(
      String name, int status, @Nullable String type, @Nullable String text) {
    byte[] bytes = (text == null ? "" : text).getBytes(StandardCharsets.UTF_8);
    for (Protocol protocol : Extent.ends(Protocol.STATIC.stream()).toList()) {
      for (String method : List.of("GET", "HEAD", "DELETE")) {
        Response response = ask(protocol, method, name);
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.header("content-type")).isEqualTo(type);
        assertThat(response.header("content-length"))
            .isEqualTo(text == null ? null : Integer.toString(bytes.length));
        assertThat(response.header("transfer-encoding")).isNull();
        assertThat(response.headers("x-request-id")).containsExactly("one");
        assertThat(response.header("cache-control")).isEqualTo("no-store");
        assertThat(response.body())
            .isEqualTo(method.equals("HEAD") ? "" : new String(bytes, StandardCharsets.UTF_8));
        assertThat(response.reset()).isFalse();
      }
    }
    assertThat(proxy.server.calls()).noneMatch(call -> call.line().contains("/" + name + " "));
  }

  @Test
  void a_status_that_netty_does_not_know_has_its_reason_phrase() {
    assertThat(ask(Protocol.HTTP_1_1, "GET", "deny-451").head())
        .startsWith("HTTP/1.1 451 Unavailable For Legal Reasons\r\n");
  }

  @EachLane
  void a_browser_that_is_denied_gets_a_page(String lane) {
    try (TestClient client = proxy.connect(Protocol.HTTP_1_1)) {
      Response page = client.get(lane + "deny", "Host: a", "Accept: text/html");
      assertThat(page.body()).contains("<h1>You have no access to this page</h1>");
      assertThat(page.header("vary")).isEqualTo("accept");
      Response text = client.get(lane + "commas", "Host: a", "Accept: text/html");
      assertThat(text.body()).isEqualTo("a, b,, c ,");
      assertThat(text.header("vary")).isNull();
    }
  }

  @EachWay
  void filters_act_in_the_order_in_which_they_stand(String lane, Protocol protocol) {
    boolean tls = protocol.isSecure();
    Response dressed = ask(protocol, "GET", "hsts-before");
    assertThat(dressed.status()).isEqualTo(403);
    assertThat(dressed.header("strict-transport-security")).isEqualTo(tls ? HSTS : null);
    assertThat(ask(protocol, "GET", "hsts-after").header("strict-transport-security")).isNull();
    try (TestClient client = proxy.connect(protocol)) {
      assertThat(client.get(lane + "redirect-before", "Host: a").status())
          .isEqualTo(tls ? 403 : 301);
    }
    assertThat(ask(protocol, "GET", "redirect-after").status()).isEqualTo(403);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HTTP_2_CLEAR")
  void filters_of_responses_leave_local_ones_alone(Protocol protocol) {
    for (String method : List.of("GET", "HEAD", "DELETE")) {
      for (String name : List.of("headers", "headers-deny")) {
        Response plain = ask(protocol, method, name);
        assertThat(plain.header("x-a")).isNull();
        assertThat(plain.header("x-b")).isNull();
      }
    }
  }

  @EachWay
  void an_unread_body_leaves_the_connection_usable(String lane, Protocol protocol) {
    try (TestClient client = proxy.connect(protocol)) {
      for (int i = 0; i < 3; i++) {
        client.request("POST", lane + "commas", new byte[20_000], "Host: a");
        assertThat(client.response("POST").status()).isEqualTo(200);
      }
      client.request("GET", lane + "server", "Host: a");
      assertThat(client.response().body()).isEqualTo("server");
    }
  }

  @EachLane
  void clients_of_http_1_0_and_clients_that_expect_100_continue_get_a_response_too(String lane) {
    try (RawClient client = new RawClient(proxy.plainPort())) {
      client.send("GET " + lane + "204 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(204);
    }
    try (RawClient client = new RawClient(proxy.plainPort())) {
      client.send(
          "POST "
              + lane
              + "deny HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
      Response response = client.response("POST");
      assertThat(response.status()).isEqualTo(403);
      assertThat(response.header("connection")).isEqualTo("close");
    }
  }

  @Test
  void the_access_log_says_that_no_server_was_asked() {
    for (String target : List.of("/express/commas?log", "/gateway/commas?log")) {
      try (TestClient client = proxy.connect(Protocol.HTTP_1_1)) {
        assertThat(client.get(target, "Host: a").status()).isEqualTo(200);
        client.request("HEAD", target + "2", "Host: a");
        assertThat(client.response("HEAD").status()).isEqualTo(200);
      }
      assertThat(proxy.logged(target)).contains("end=LOCAL", "status=200", "out=10 ");
      assertThat(proxy.logged(target + "2")).contains("end=LOCAL", "out=0 ");
    }
  }
}
