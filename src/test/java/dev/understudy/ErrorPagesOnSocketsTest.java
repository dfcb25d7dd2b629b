package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The operator's error pages, in both lanes and all protocols, as clients get them. */
@Tag(Extent.FULL)
class ErrorPagesOnSocketsTest {
  private static final String BROWSER = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";
  private static final int LONGEST_LINE = 8 << 10;

  /**
   * Paths that have a route in each lane: {@code p} has pages, {@code bare} has none. The servers
   * of {@code down} and {@code bare} are gone; that of {@code p} does what the path says.
   */
  private static final List<List<String>> ROUTES =
      List.of(
          List.of("own", "p", "[ ]"),
          List.of("broken", "p", "[ ]"),
          List.of("silent", "p", "[ ]"),
          List.of("deny-403", "p", "[ 'Deny' ]"),
          List.of("deny-429", "p", "[ 'Deny=429' ]"),
          List.of("guard", "p", "[ 'RequireWebSocketUpgrade=/LANE/guard' ]"),
          List.of("respond", "p", "[ 'Respond=503, mine' ]"),
          List.of("down", "down", "[ ]"),
          List.of("bare", "bare", "[ ]"));

  @TempDir private static Path folder;

  private static TestServer server;
  private static TestServer gone;
  private static TestProxy proxy;

  @BeforeAll
  static void start() throws Exception {
    server = new TestServer("server", ErrorPagesOnSocketsTest::serve);
    gone = new TestServer("gone");
    gone.kill();
    for (String by : List.of("p", "all")) {
      page(by + ".html", "<p>" + by + " {status} {reason} {request-id} {retry-after}</p>");
      page(
          by + ".json",
          "{\"by\":\""
              + by
              + "\",\"status\":{status},\"reason\":\"{reason}\",\"id\":\"{request-id}\"}");
    }
    page("changing.html", "one");
    List<String> settings = TestProxy.tlsAndPlain(folder);
    settings.addAll(
        List.of("understudy.client.max-body=1000", "logging.level.dev.understudy=error"));
    proxy = new TestProxy(page("gateway.yaml", file()), settings);
  }

  @AfterAll
  static void stop() {
    proxy.close();
    server.close();
    gone.close();
  }

  private static void serve(TestServer.Call call) throws Exception {
    String path = call.line().split(" ")[1];
    if (path.endsWith("/broken")) {
      call.reset();
    } else if (path.endsWith("/silent")) {
      call.in().read();
    } else {
      call.reply(503, "the server's own");
    }
  }

  private static Path page(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String file() {
    StringBuilder file =
        new StringBuilder(
            """
            pools:
              p:
                servers: { a: { url: "http://127.0.0.1:%1$d" } }
                health: { type: tcp }
                timeouts: { response: 300ms }
                error-pages:
                  403: { html: p.html, json: p.json }
                  413: { html: p.html, json: p.json }
                  5xx: { html: p.html, json: p.json }
              down:
                servers: { a: { url: "http://127.0.0.1:%2$d" } }
                health: { type: tcp, down-interval: 2s }
                hold: { time: 0s }
                error-pages:
                  503: { html: p.html, json: p.json }
              bare:
                servers: { a: { url: "http://127.0.0.1:%2$d" } }
                health: { type: tcp }
                hold: { time: 0s }
            error-pages:
              4xx: { html: all.html, json: all.json }
              503: all.html
              421: changing.html
            routes:
              - { id: changing, uri: "pool://p", predicates: [ "Path=/changing" ], filters: [ "Deny=421" ] }
            """
                .formatted(server.port(), gone.port()));
    for (List<String> each : ROUTES) {
      for (String lane : List.of("express", "gateway")) {
        file.append(
            "  - { id: %1$s-%2$s, uri: 'pool://%3$s', predicates: [ 'Path=/%1$s/%2$s'%4$s ], filters: %5$s }\n"
                .formatted(
                    lane,
                    each.get(0),
                    each.get(1),
                    lane.equals("gateway") ? ", 'After=2020-01-01T00:00:00Z'" : "",
                    each.get(2).replace("LANE", lane)));
      }
    }
    return file.toString();
  }

  private static Response ask(Protocol protocol, String method, String target, String accept) {
    try (TestClient client = proxy.connect(protocol)) {
      client.request(method, target, "Host: a.test", "X-Request-Id: one", accept);
      return client.response(method);
    }
  }

  private static Arguments row(String path, int status, String reason, String by, int retryAfter) {
    return Arguments.of(path, status, reason, by, retryAfter);
  }

  /** Path in either lane, status and reason, whose page it is, and what stands for Retry-After. */
  static Stream<Arguments> responses() {
    return Stream.of(
        row("deny-403", 403, "Forbidden", "p", 5),
        row("guard", 403, "Forbidden", "p", 5),
        row("deny-429", 429, "Too Many Requests", "all", 5),
        row("broken", 502, "Bad Gateway", "p", 2),
        row("silent", 504, "Gateway Timeout", "p", 2),
        row("down", 503, "Service Unavailable", "p", 4),
        row("nowhere", 404, "Not Found", "all", 5));
  }

  @ParameterizedTest
  @MethodSource("responses")
  void every_error_response_has_its_page(
      String path, int status, String reason, String by, int retryAfter) {
    String html = "<p>%s %d %s one %d</p>".formatted(by, status, reason, retryAfter);
    String json =
        "{\"by\":\"%s\",\"status\":%d,\"reason\":\"%s\",\"id\":\"one\"}"
            .formatted(by, status, reason);
    for (String lane : List.of("/express/", "/gateway/")) {
      for (Protocol protocol : Extent.ends(Stream.of(Protocol.values())).toList()) {
        for (String method : List.of("GET", "HEAD", "POST")) {
          Response page = ask(protocol, method, lane + path, BROWSER);
          check(page, method, status, "text/html; charset=utf-8", html);
          boolean refreshes = !method.equals("POST") && status >= 502;
          assertThat(page.header("refresh") != null).isEqualTo(refreshes);
          if (refreshes) {
            assertThat(Integer.parseInt(page.header("refresh")))
                .isBetween(retryAfter, retryAfter + 8);
          }
          assertThat(page.header("retry-after"))
              .isEqualTo(status == 503 ? Integer.toString(retryAfter) : null);
          Response problem = ask(protocol, method, lane + path, "Accept: application/json");
          check(problem, method, status, "application/problem+json", json);
          assertThat(problem.header("refresh")).isNull();
        }
      }
    }
  }

  private static void check(
      Response response, String method, int status, String type, String body) {
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.body()).isEqualTo(method.equals("HEAD") ? "" : body);
    assertThat(response.headers("content-type")).containsExactly(type);
    assertThat(response.headers("content-length")).containsExactly("" + body.length());
    assertThat(response.headers("cache-control")).containsExactly("no-store");
    assertThat(response.headers("vary")).containsExactly("accept");
    assertThat(response.headers("x-request-id")).containsExactly("one");
    assertThat(response.reset()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void a_pool_without_a_page_has_the_general_one_and_without_that_the_built_in_one(
      Protocol protocol) {
    for (String lane : List.of("/express/", "/gateway/")) {
      assertThat(ask(protocol, "GET", lane + "bare", BROWSER).body())
          .isEqualTo("<p>all 503 Service Unavailable one 2</p>");
      assertThat(ask(protocol, "GET", lane + "bare", "Accept: */*").body())
          .isEqualTo(
              "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                  + "\"detail\":\"No server can serve this request now. Please try again.\","
                  + "\"requestId\":\"one\"}");
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void a_servers_own_response_and_that_of_respond_are_left_alone(Protocol protocol) {
    for (String lane : List.of("/express/", "/gateway/")) {
      Response own = ask(protocol, "GET", lane + "own", BROWSER);
      assertThat(own.status()).isEqualTo(503);
      assertThat(own.body()).isEqualTo("the server's own");
      assertThat(own.header("refresh")).isNull();
      Response respond = ask(protocol, "GET", lane + "respond", BROWSER);
      assertThat(respond.body()).isEqualTo("mine");
      assertThat(respond.header("refresh")).isNull();
    }
  }

  /** The announced length is refused before a route is searched, the sent one after. */
  @ParameterizedTest
  @EnumSource(Protocol.class)
  void a_body_that_is_too_large_has_the_general_page_or_that_of_its_pool(Protocol protocol) {
    for (String lane : List.of("/express/", "/gateway/")) {
      try (TestClient client = proxy.connect(protocol)) {
        client.begin("POST", lane + "own", 2000, "Host: a.test", "X-Request-Id: one", BROWSER);
        assertThat(client.response("POST").body())
            .isEqualTo("<p>all 413 Request Entity Too Large one 5</p>");
      }
    }
    if (protocol == Protocol.HTTP_2) {
      return; // Its client always announces the length.
    }
    for (String lane : List.of("/express/", "/gateway/")) {
      try (RawClient client = (RawClient) proxy.connect(protocol)) {
        client.send(
            "POST "
                + lane
                + "own HTTP/1.1\r\nHost: a\r\nX-Request-Id: one\r\n"
                + BROWSER
                + "\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n"
                + "x".repeat(2000)
                + "\r\n0\r\n\r\n");
        assertThat(client.response("POST").body())
            .startsWith("<p>p 413 Request Entity Too Large one ");
      }
    }
  }

  @Test
  void a_malformed_head_has_the_general_page() {
    for (String head :
        List.of("GET /express/own HTTP/1.1\r\n", "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n")) {
      try (RawClient client = (RawClient) proxy.connect(Protocol.HTTP_1_1)) {
        client.send(head + BROWSER + "\r\n\r\n");
        Response response = client.response();
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).startsWith("<p>all 400 Bad Request ").endsWith(" 5</p>");
        assertThat(response.body()).contains(response.header("x-request-id"));
      }
    }
  }

  /** Its {@code Accept} was not read. */
  @Test
  void a_head_that_is_not_read_to_its_end_gets_json() {
    Response response =
        ask(Protocol.HTTP_1_1, "GET", "/express/own?" + "x".repeat(LONGEST_LINE), BROWSER);
    assertThat(response.status()).isEqualTo(414);
    assertThat(response.header("content-type")).isEqualTo("application/problem+json");
    assertThat(response.body()).startsWith("{\"by\":\"all\",\"status\":414,");
  }

  @Test
  void a_changed_page_is_sent_without_a_restart() throws Exception {
    assertThat(ask(Protocol.HTTP_1_1, "GET", "/changing", BROWSER).body()).isEqualTo("one");
    page("changing.html", "two {request-id}");
    Await.until(
        "the new page is sent",
        () -> ask(Protocol.HTTP_1_1, "GET", "/changing", BROWSER).body().equals("two one"));
  }

  @Test
  void an_id_that_would_break_the_page_is_not_in_it() {
    try (TestClient client = proxy.connect(Protocol.HTTP_1_1)) {
      Response response =
          client.get("/express/deny-403", "Host: a", BROWSER, "X-Request-Id: <script>\"");
      assertThat(response.body())
          .isEqualTo("<p>p 403 Forbidden " + response.header("x-request-id") + " 5</p>")
          .doesNotContain("script");
    }
  }

  @Test
  void the_access_log_has_the_bytes_of_the_page() {
    ask(Protocol.HTTP_1_1, "GET", "/express/down?logged", BROWSER);
    int bytes = "<p>p 503 Service Unavailable one 4</p>".length();
    assertThat(proxy.logged("/express/down?logged")).contains("out=" + bytes + " ");
  }
}
