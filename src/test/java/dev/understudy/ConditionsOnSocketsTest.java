package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.route.CurrentRouteTable;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Filters with conditions and values of the request, from the file to the response: each row in
 * both lanes and over all protocols.
 */
@Tag(Extent.FULL)
class ConditionsOnSocketsTest {
  /**
   * One behaviour.
   *
   * @param filters of the row's route, as the file has them
   * @param request target and header fields
   * @param seen what the response or, after {@code > }, the server's request has; after {@code ! }
   *     what neither has; {@code LF} ends a line there
   */
  private record Row(
      String name, List<String> filters, List<String> request, int status, List<String> seen) {
    static Row of(String line) {
      String[] cells = line.split(" \\| ");
      return new Row(
          cells[0],
          List.of(cells[1].split(" ; ")),
          List.of(cells[2].split(" ; ")),
          Integer.parseInt(cells[3]),
          cells.length == 4 ? List.of() : List.of(cells[4].split(" ; ")));
    }
  }

  /** Name, filters, request, status, and what is seen. */
  private static final List<Row> ROWS =
      """
      a filter whose condition holds applies | Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8) | /admin/x | 403
      any other request passes | Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8) | /x | 200 | > GET /x\s
      a client of the excepted network passes | Deny=403 when path-prefix(/admin) and not client-address(127.0.0.0/8) | /admin/x | 200
      an encoded path does not lead around | Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8) | /%61dmin/x | 403
      two slashes do not lead around | Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8) | //admin/x | 403
      dot segments do not lead around | Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8) | /x/../admin/x | 403
      parameters do not lead around | Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8) | /;a/admin | 403
      an encoded slash does not lead around | Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8) | /%2Fadmin | 403
      a negated path is no way around either | Deny=403 when not path-prefix(/public) | /public/../admin | 403
      a header may be compared | Deny=403 when header(X-Key, a, b) | /x ; X-Key: c, b | 403
      a filter sees what the ones before changed | SetRequestHeader=X-A, {path} ; Deny=418 when header(X-A, /x) | /x | 418
      a filter does not see what a later one changes | Deny=418 when header(X-A) ; SetRequestHeader=X-A, {path} | /x?q=1 | 200 | > X-A: /x
      values of the request go into headers | SetRequestHeader=X-Seen, {client.address} {host} {path} {query} {method} {scheme} ; AddRequestHeader=X-Of, {header.X-In}/{cookie.c}/{query.q} | /x?q=1&r=2 ; X-In: in ; Cookie: b=2; c=3 | 200 | > X-Seen: 127.0.0.1 HOST /x ?q=1&r=2 GET http ; > X-Of: in/3/1
      a header that a client sent is replaced, also by an empty value | SetRequestHeader=X-Subject, {tls.subject} | /x ; X-Subject: admin | 200 | ! X-Subject: admin
      a variable keeps what was | SetVariable=from, {path} ; SetPath=/new{path} ; SetRequestHeader=X-From, {variable.from} {path} ; SetResponseHeader=X-Was, {variable.from} | /x?q=1 | 200 | > GET /new/x?q=1  ; > X-From: /x /new/x ; X-Was: /x
      conditions see the path as it is by then | SetPath=/b when path(/a) ; SetRequestHeader=X-B, yes when path(/b) ; SetRequestHeader=X-A, yes when path(/a) | /a | 200 | > GET /b  ; > X-B: yes ; ! X-A: yes
      the prefix is stripped under a condition | StripPrefix=1 when header(X-Strip) | /a/b?c ; X-Strip: 1 | 200 | > GET /b?c\s
      a path is rewritten under a condition | RewritePath=^/old/(.*), /new/$1 when method(GET) | /old/x?q | 200 | > GET /new/x?q\s
      a path that is rewritten to nothing is a slash | RewritePath=^/x(.*), $1 | /x?q | 200 | > GET /?q\s
      a path that is rewritten to nothing by an expression of Java's is a slash | RewritePath=^/x(?!y)(.*), $1 | /x?q | 200 | > GET /?q\s
      a rewritten path has a slash before it | RewritePath=^/x/(.*), $1 | /x/y | 200 | > GET /y\s
      a path rewritten by an expression of Java's has a slash before it | RewritePath=^/x/(?!z)(.*), $1 | /x/y?q | 200 | > GET /y?q\s
      a rewriting of Java's under a condition | RewritePath=^/x(?!y)(.*), $1 when method(GET) | /x | 200 | > GET /\s
      a rewriting of Java's that breaks an escape | RewritePath=(%)2F(?!y), $1 | /a%2Fb | 200 | > GET /a%25b\s
      the query is replaced | SetQuery={query}&b={client.port} when query(a) | /x?a=1 | 200 | > GET /x?a=1&b=
      the query is removed | SetQuery | /x?a=1 | 200 | > GET /x\s
      the host is replaced | SetHost=inner.test when host-prefix(e, g) | /x | 200 | > Host: inner.test
      a redirect to a host looks at the client's | SetHost=inner.test ; RedirectToHost=301, https://inner.test | /x | 301 | Location: https://inner.test/x
      the method is replaced | SetMethod=PURGE when header(X-Purge) ; SetRequestHeader=X-M, {method} | /x ; X-Purge: 1 | 200 | > PURGE /x  ; > X-M: GET
      the method may be a value of the request | SetMethod={header.X-Method} | /x ; X-Method: DELETE | 200 | > DELETE /x\s
      a condition sees the client's method | SetMethod=DELETE when path(/x) ; Deny=403 when method(GET) | /x | 403
      no request becomes HEAD, or has no method | SetMethod={header.X-Method} ; SetMethod={header.X-None} | /x ; X-Method: HEAD | 200 | > GET /x\s
      the status of a response is replaced | SetResponseHeader=X-Now, {status} ; SetStatus=503 when status(500) and path(/status/500) | /status/500 | 503 | X-Now: 503
      any other status stays | SetStatus=503 when status(500) | /status/404 | 404
      a response without a body keeps its status | SetStatus=200 when status(304) | /status/304 | 304
      a redirect keeps path and query | Redirect=301, https://www.example.com{target} when not tls | /x/y?a=1 | -301 | Location: https://www.example.com/x/y?a=1
      a redirect that begins with a value stays on its host | Redirect=302, {target} | //evil.test/ | 302 | Location: /evil.test/
      a response header depends on the status | SetResponseHeader=X-Bad, {status} {path} when status(500-599, 404) ; SetResponseHeader=X-Good, yes when not status(400-599) | /status/503 | 503 | X-Bad: 503 /status/503 ; ! X-Good
      a response header depends on request and response | SetResponseHeader=Cache-Control, max-age=60 when path-suffix(.css) and status(200) and not response-header(Set-Cookie) ; RemoveResponseHeader=Content-Type when path-suffix(.css) and status(200) | /a.css | 200 | Cache-Control: max-age=60
      a response header is left alone otherwise | SetResponseHeader=X-A, a when status(404) or path(/y) | /x | 200 | ! X-A
      another pool is used | UsePool=q when path-prefix(/q/) | /q/x | 200 | > server: other
      a server of a pool that a filter chose is preferred, by the last filter that applies | UsePool=q ; PreferServer=a ; PreferServer=b when path-prefix(/q/) | /q/x | 200 | > server: one
      a preference that does not apply leaves the one before | UsePool=q ; PreferServer=a ; PreferServer=b when path-prefix(/q/) | /x | 200 | > server: other
      the route's pool is used otherwise | UsePool=q when path-prefix(/q/) | /x | 200 | > server: one
      usable servers are counted | UsePool=q when usable-servers(p, >= 1) | /x | 200 | > server: other
      a response has values, a type and headers | { name: Respond, args: { status: 200, text: '<b>{query.n}</b>', content-type: text/html, headers: { X-Of: '{host}' } }, when: 'query(n)' } | /x?n=<i> | 200 | Content-Type: text/html ; X-Of: HOST ; <b>&#60;i&#62;</b>
      a text without values is as it was written | Respond=200, {"a": {"b": 1}}, closed when dark | /x | 200 | {"a": {"b": 1}}, closed when dark
      a request header is replaced where it matches | ReplaceRequestHeader=X-A, ^a(.*)$, b$1 | /x ; X-A: a1 ; X-A: c2 | 200 | > X-A: b1 ; > X-A: c2
      a response header is replaced where it matches | SetResponseHeader=X-A, {host} ; ReplaceResponseHeader=X-None, a, b when never | /x | 200 | X-A: HOST
      a slow refusal | Tarpit=429, 50ms when path(/slow) | /slow | 429
      no response at all | Reject when path(/r) | /r | 0
      a filter of the Gateway has a condition | MapRequestHeader=X-A, X-B when header(X-A) | /x ; X-A: 1 | 200 | > X-B: 1
      control characters are escaped | SetResponseHeader=X-A, {query.a} when query(a) | /x?a=b%0d%0aX-B:1 | 200 | X-A: b%0d%0aX-B:1 ; ! LFX-B
      """
          .lines()
          .map(Row::of)
          .toList();

  private static final String HOST = "LANE%d.test";

  @AutoClose private static TestServer other;
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    other = new TestServer("other", call -> reply("other", call));
    StringBuilder text =
        new StringBuilder(
            """
            pools:
              p: { servers: { a: { url: "http://SERVER" } }, health: { type: tcp, interval: 1h, timeout: 30s } }
              q: { servers: { a: { url: "http://127.0.0.1:%d", role: master }, b: { url: "http://SERVER", role: backup } }, health: { type: tcp, interval: 1h, timeout: 30s } }
            routes:
            """
                .formatted(other.port()));
    for (int i = 0; i < ROWS.size(); i++) {
      String filters = TestProxy.list(ROWS.get(i).filters);
      text.append(TestProxy.routes("" + i, "p", "'Host=" + HOST.formatted(i) + "'", filters));
    }
    String host = "'Host=LANE.test'";
    text.append(
            TestProxy.routes(
                "beta", "q", host + ", 'When=header(X-Beta) and not path-prefix(/a)'", "[ ]"))
        .append(
            TestProxy.routes(
                "post", "p", "'When=host(LANE.test) and method(POST)'", "[ 'Respond=201' ]"))
        .append(TestProxy.routes("rest", "p", host, "[ ]"));
    proxy = new TestProxy(folder, text.toString(), TestProxy.tls(folder));
    proxy.server.script(call -> reply("one", call));
  }

  /** Replies with the request's head; the path may name the status. */
  private static void reply(String name, TestServer.Call call) throws Exception {
    int at = call.line().indexOf("/status/");
    int status = at < 0 ? 200 : Integer.parseInt(call.line().substring(at + 8, at + 11));
    call.reply(status, "server: " + name + "\r\n" + call.head());
  }

  @EachWay
  void the_first_route_whose_condition_holds_takes_the_request(String lane, Protocol protocol) {
    String host = "Host: " + lane.replace("/", "") + ".test";
    try (TestClient client = proxy.connect(protocol)) {
      assertThat(client.get("/x", host, "X-Beta: 1").body()).startsWith("server: other");
      assertThat(client.get("/a", host, "X-Beta: 1").body()).startsWith("server: one");
      assertThat(client.get("/x", host).body()).startsWith("server: one");
      assertThat(client.request("POST", "/x", host).response("POST").status()).isEqualTo(201);
      assertThat(client.request("POST", "/x", host, "X-Beta: 1").response("POST").body())
          .startsWith("server: other");
    }
  }

  /** Other rows have a filter of the Gateway, or an expression of Java's. */
  @Test
  void every_route_without_a_predicate_or_filter_of_the_gateway_is_express() {
    for (RouteLane lane : proxy.bean(CurrentRouteTable.class).current().lanes()) {
      String[] id = lane.id().split("-");
      boolean gateways =
          id[0].equals("gateway")
              || (Character.isDigit(id[1].charAt(0))
                  && ROWS.get(Integer.parseInt(id[1]))
                      .filters
                      .getFirst()
                      .matches("MapRequestHeader=.*|.*\\(\\?!.*"));
      assertThat(lane.express()).as(lane.id() + ": " + lane.why()).isEqualTo(!gateways);
    }
  }

  static Stream<Arguments> cases() {
    return EachWay.Ways.of(ROWS, Row::name, HOST);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_row_holds(Row row, String host, Protocol protocol) {
    List<String> fields = new ArrayList<>(row.request.subList(1, row.request.size()));
    fields.addFirst("Host: " + host);
    Response response;
    try (TestClient client = proxy.connect(protocol)) {
      response = client.get(row.request.getFirst(), fields.toArray(String[]::new));
    }
    if (row.status < 0 && protocol.isSecure()) {
      // Of plain requests only.
      assertThat(response.status()).isEqualTo(200);
      return;
    }
    assertThat(response.status()).isEqualTo(Math.abs(row.status));
    String all = (response.head() + "\r\n\r\n> " + response.body()).toLowerCase();
    for (String seen : row.seen) {
      String expected =
          seen.replace("HOST", host)
              .replace("LF", "\n")
              .replace("GET http", protocol.isSecure() ? "GET https" : "GET http")
              .toLowerCase();
      if (seen.startsWith("! ")) {
        assertThat(all).doesNotContain(expected.substring(2));
      } else {
        assertThat(all.replace("\r\n", "\r\n> ")).contains(expected);
      }
    }
  }
}
