package dev.understudy;

import static dev.understudy.TestProxy.LANES;
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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The operator's error pages, in both lanes and all protocols, as clients get them. */
@Tag(Extent.FULL)
class ErrorPagesOnSocketsTest {
  private static final String BROWSER = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";
  private static final int LONGEST_LINE = 8 << 10;

  /** {@code p} has pages, {@code bare} has none. */
  private static final String FILE =
      """
      pools:
        p:
          servers: { a: { url: "http://SERVER" } }
          health: { type: tcp }
          error-pages:
            403: { html: p.html, json: p.json }
            413: { html: p.html, json: p.json }
            5xx: { html: p.html, json: p.json }
        silent:
          servers: { a: { url: "http://SERVER" } }
          health: { type: tcp }
          timeouts: { response: 300ms }
          error-pages:
            5xx: { html: p.html, json: p.json }
        down:
          servers: { a: { url: "http://127.0.0.1:%1$d" } }
          health: { type: tcp, down-interval: 2s }
          hold: { time: 0s }
          error-pages:
            503: { html: p.html, json: p.json }
        bare:
          servers: { a: { url: "http://127.0.0.1:%1$d" } }
          health: { type: tcp }
          hold: { time: 0s }
      error-pages:
        4xx: { html: all.html, json: all.json }
        503: all.html
        421: changing.html
      routes:
        - { id: changing, uri: "pool://p", predicates: [ "Path=/changing" ], filters: [ "Deny=421" ] }
      """
          + TestProxy.named(
              """
              own: [ ]
              broken: [ ]
              deny-403: [ 'Deny' ]
              deny-429: [ 'Deny=429' ]
              guard: [ 'RequireWebSocketUpgrade=/LANE/guard' ]
              respond: [ 'Respond=503, mine' ]
              """)
          + TestProxy.routes("silent", "silent", "'Path=/LANE/silent'", "[ ]")
          + TestProxy.routes("down", "down", "'Path=/LANE/down'", "[ ]")
          + TestProxy.routes("bare", "bare", "'Path=/LANE/bare'", "[ ]");

  @TempDir private static Path folder;

  @AutoClose private static TestServer gone;
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start() throws Exception {
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
    proxy =
        new TestProxy(
            folder,
            FILE.formatted(gone.port()),
            TestProxy.tls(folder, "understudy.client.max-body=1000"));
    proxy.server.script(ErrorPagesOnSocketsTest::serve);
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

  private static void page(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text);
  }

  private static Response ask(Protocol protocol, String method, String target, String accept) {
    try (TestClient client = proxy.connect(protocol)) {
      client.request(method, target, "Host: a.test", "X-Request-Id: one", accept);
      return client.response(method);
    }
  }

  /** Path in either lane, status and reason, whose page it is, and what stands for Retry-After. */
  @ParameterizedTest
  @CsvSource({
    "deny-403, 403, Forbidden, p, 5",
    "guard, 403, Forbidden, p, 5",
    "deny-429, 429, Too Many Requests, all, 5",
    "broken, 502, Bad Gateway, p, 2",
    "silent, 504, Gateway Timeout, p, 2",
    "down, 503, Service Unavailable, p, 4",
    "nowhere, 404, Not Found, all, 5",
  })
  void every_error_response_has_its_page(
      String path, int status, String reason, String by, int retryAfter) {
    String html = "<p>%s %d %s one %d</p>".formatted(by, status, reason, retryAfter);
    String json =
        "{\"by\":\"%s\",\"status\":%d,\"reason\":\"%s\",\"id\":\"one\"}"
            .formatted(by, status, reason);
    for (String lane : LANES) {
      for (Protocol protocol : Extent.ends(Protocol.STATIC.stream()).toList()) {
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

  @EachWay
  void a_pool_without_a_page_has_the_general_one_and_without_that_the_built_in_one(
      String lane, Protocol protocol) {
    assertThat(ask(protocol, "GET", lane + "bare", BROWSER).body())
        .isEqualTo("<p>all 503 Service Unavailable one 2</p>");
    assertThat(ask(protocol, "GET", lane + "bare", "Accept: */*").body())
        .isEqualTo(
            "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                + "\"detail\":\"No server can serve this request now. Please try again.\","
                + "\"requestId\":\"one\"}");
  }

  @EachWay
  void a_servers_own_response_and_that_of_respond_are_left_alone(String lane, Protocol protocol) {
    Response own = ask(protocol, "GET", lane + "own", BROWSER);
    assertThat(own.status()).isEqualTo(503);
    assertThat(own.body()).isEqualTo("the server's own");
    assertThat(own.header("refresh")).isNull();
    Response respond = ask(protocol, "GET", lane + "respond", BROWSER);
    assertThat(respond.body()).isEqualTo("mine");
    assertThat(respond.header("refresh")).isNull();
  }

  /** The announced length is refused before a route is searched, the sent one after. */
  @EachWay
  void a_body_that_is_too_large_has_the_general_page_or_that_of_its_pool(
      String lane, Protocol protocol) {
    try (TestClient client = proxy.connect(protocol)) {
      client.begin("POST", lane + "own", 2000, "Host: a.test", "X-Request-Id: one", BROWSER);
      assertThat(client.response("POST").body())
          .isEqualTo("<p>all 413 Request Entity Too Large one 5</p>");
    }
    // A client of HTTP/2 always announces the length.
    Protocol untold = protocol.isSecure() ? Protocol.TLS : Protocol.HTTP_1_1;
    try (RawClient client = (RawClient) proxy.connect(untold)) {
      client.send(
          "POST %sown HTTP/1.1\r\nHost: a\r\nX-Request-Id: one\r\n%s\r\n".formatted(lane, BROWSER)
              + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n"
              + "x".repeat(2000)
              + "\r\n0\r\n\r\n");
      assertThat(client.response("POST").body())
          .startsWith("<p>p 413 Request Entity Too Large one ");
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
