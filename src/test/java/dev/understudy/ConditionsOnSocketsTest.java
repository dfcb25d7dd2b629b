package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.route.CurrentRouteTable;
import dev.understudy.proxy.route.RouteLane;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Filters with conditions and values of the request, from the file to the response: each row in
 * both lanes and over all protocols.
 */
class ConditionsOnSocketsTest {
  private static final List<String> LANES = List.of("express", "gateway");

  /**
   * One behaviour.
   *
   * @param filters of the row's route, as the file has them
   * @param request method, target and header fields
   * @param seen what the response or, after {@code > }, the server's request has; after {@code ! }
   *     what neither has
   */
  private record Row(
      String name, List<String> filters, List<String> request, int status, List<String> seen) {
    static Row of(
        String name, List<String> filters, List<String> request, int status, String... seen) {
      return new Row(name, filters, request, status, List.of(seen));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private record Case(Row row, int index, String lane, Protocol protocol) {
    String host() {
      return lane + index + ".test";
    }

    @Override
    public String toString() {
      return row.name() + ", " + lane + ", " + protocol;
    }
  }

  private static final List<String> DENY =
      List.of("Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8)");

  private static final List<Row> ROWS =
      List.of(
          Row.of("a filter whose condition holds applies", DENY, List.of("/admin/x"), 403),
          Row.of("any other request passes", DENY, List.of("/x"), 200, "> GET /x "),
          Row.of(
              "a client of the excepted network passes",
              List.of("Deny=403 when path-prefix(/admin) and not client-address(127.0.0.0/8)"),
              List.of("/admin/x"),
              200),
          Row.of("an encoded path does not lead around", DENY, List.of("/%61dmin/x"), 403),
          Row.of("two slashes do not lead around", DENY, List.of("//admin/x"), 403),
          Row.of("dot segments do not lead around", DENY, List.of("/x/../admin/x"), 403),
          Row.of("parameters do not lead around", DENY, List.of("/;a/admin"), 403),
          Row.of("an encoded slash does not lead around", DENY, List.of("/%2Fadmin"), 403),
          Row.of(
              "a negated path is no way around either",
              List.of("Deny=403 when not path-prefix(/public)"),
              List.of("/public/../admin"),
              403),
          Row.of(
              "a header may be compared",
              List.of("Deny=403 when header(X-Key, a, b)"),
              List.of("/x", "X-Key: c, b"),
              403),
          Row.of(
              "a filter sees what the ones before changed",
              List.of("SetRequestHeader=X-A, {path}", "Deny=418 when header(X-A, /x)"),
              List.of("/x"),
              418),
          Row.of(
              "a filter does not see what a later one changes",
              List.of("Deny=418 when header(X-A)", "SetRequestHeader=X-A, {path}"),
              List.of("/x?q=1"),
              200,
              "> X-A: /x"),
          Row.of(
              "values of the request go into headers",
              List.of(
                  "SetRequestHeader=X-Seen, {client.address} {host} {path} {query} {method}"
                      + " {scheme}",
                  "AddRequestHeader=X-Of, {header.X-In}/{cookie.c}/{query.q}"),
              List.of("/x?q=1&r=2", "X-In: in", "Cookie: b=2; c=3"),
              200,
              "> X-Seen: 127.0.0.1 HOST /x ?q=1&r=2 GET http",
              "> X-Of: in/3/1"),
          Row.of(
              "a header that a client sent is replaced, also by an empty value",
              List.of("SetRequestHeader=X-Subject, {tls.subject}"),
              List.of("/x", "X-Subject: admin"),
              200,
              "! X-Subject: admin"),
          Row.of(
              "a variable keeps what was",
              List.of(
                  "SetVariable=from, {path}",
                  "SetPath=/new{path}",
                  "SetRequestHeader=X-From, {variable.from} {path}",
                  "SetResponseHeader=X-Was, {variable.from}"),
              List.of("/x?q=1"),
              200,
              "> GET /new/x?q=1 ",
              "> X-From: /x /new/x",
              "X-Was: /x"),
          Row.of(
              "conditions see the path as it is by then",
              List.of(
                  "SetPath=/b when path(/a)",
                  "SetRequestHeader=X-B, yes when path(/b)",
                  "SetRequestHeader=X-A, yes when path(/a)"),
              List.of("/a"),
              200,
              "> GET /b ",
              "> X-B: yes",
              "! X-A: yes"),
          Row.of(
              "the prefix is stripped under a condition",
              List.of("StripPrefix=1 when header(X-Strip)"),
              List.of("/a/b?c", "X-Strip: 1"),
              200,
              "> GET /b?c "),
          Row.of(
              "a path is rewritten under a condition",
              List.of("RewritePath=^/old/(.*), /new/$1 when method(GET)"),
              List.of("/old/x?q"),
              200,
              "> GET /new/x?q "),
          Row.of(
              "a path that is rewritten to nothing is a slash",
              List.of("RewritePath=^/x(.*), $1"),
              List.of("/x?q"),
              200,
              "> GET /?q "),
          Row.of(
              "a path that is rewritten to nothing by an expression of Java's is a slash",
              List.of("RewritePath=^/x(?!y)(.*), $1"),
              List.of("/x?q"),
              200,
              "> GET /?q "),
          Row.of(
              "a rewritten path has a slash before it",
              List.of("RewritePath=^/x/(.*), $1"),
              List.of("/x/y"),
              200,
              "> GET /y "),
          Row.of(
              "a path rewritten by an expression of Java's has a slash before it",
              List.of("RewritePath=^/x/(?!z)(.*), $1"),
              List.of("/x/y?q"),
              200,
              "> GET /y?q "),
          Row.of(
              "a rewriting of Java's under a condition",
              List.of("RewritePath=^/x(?!y)(.*), $1 when method(GET)"),
              List.of("/x"),
              200,
              "> GET / "),
          Row.of(
              "a rewriting of Java's that breaks an escape",
              List.of("RewritePath=(%)2F(?!y), $1"),
              List.of("/a%2Fb"),
              200,
              "> GET /a%25b "),
          Row.of(
              "the query is replaced",
              List.of("SetQuery={query}&b={client.port} when query(a)"),
              List.of("/x?a=1"),
              200,
              "> GET /x?a=1&b="),
          Row.of("the query is removed", List.of("SetQuery"), List.of("/x?a=1"), 200, "> GET /x "),
          Row.of(
              "the host is replaced",
              List.of("SetHost=inner.test when host-prefix(e, g)"),
              List.of("/x"),
              200,
              "> Host: inner.test"),
          Row.of(
              "a redirect to a host looks at the client's",
              List.of("SetHost=inner.test", "RedirectToHost=301, https://inner.test"),
              List.of("/x"),
              301,
              "Location: https://inner.test/x"),
          Row.of(
              "the method is replaced",
              List.of("SetMethod=PURGE when header(X-Purge)", "SetRequestHeader=X-M, {method}"),
              List.of("/x", "X-Purge: 1"),
              200,
              "> PURGE /x ",
              "> X-M: GET"),
          Row.of(
              "the method may be a value of the request",
              List.of("SetMethod={header.X-Method}"),
              List.of("/x", "X-Method: DELETE"),
              200,
              "> DELETE /x "),
          Row.of(
              "a condition sees the client's method",
              List.of("SetMethod=DELETE when path(/x)", "Deny=403 when method(GET)"),
              List.of("/x"),
              403),
          Row.of(
              "no request becomes HEAD, or has no method",
              List.of("SetMethod={header.X-Method}", "SetMethod={header.X-None}"),
              List.of("/x", "X-Method: HEAD"),
              200,
              "> GET /x "),
          Row.of(
              "the status of a response is replaced",
              List.of(
                  "SetResponseHeader=X-Now, {status}",
                  "SetStatus=503 when status(500) and path(/status/500)"),
              List.of("/status/500"),
              503,
              "X-Now: 503"),
          Row.of(
              "any other status stays",
              List.of("SetStatus=503 when status(500)"),
              List.of("/status/404"),
              404),
          Row.of(
              "a response without a body keeps its status",
              List.of("SetStatus=200 when status(304)"),
              List.of("/status/304"),
              304),
          Row.of(
              "a redirect keeps path and query",
              List.of("Redirect=301, https://www.example.com{target} when not tls"),
              List.of("/x/y?a=1"),
              -301,
              "Location: https://www.example.com/x/y?a=1"),
          Row.of(
              "a redirect that begins with a value stays on its host",
              List.of("Redirect=302, {target}"),
              List.of("//evil.test/"),
              302,
              "Location: /evil.test/"),
          Row.of(
              "a response header depends on the status",
              List.of(
                  "SetResponseHeader=X-Bad, {status} {path} when status(500-599, 404)",
                  "SetResponseHeader=X-Good, yes when not status(400-599)"),
              List.of("/status/503"),
              503,
              "X-Bad: 503 /status/503",
              "! X-Good"),
          Row.of(
              "a response header depends on request and response",
              List.of(
                  "SetResponseHeader=Cache-Control, max-age=60 when path-suffix(.css) and"
                      + " status(200) and not response-header(Set-Cookie)",
                  "RemoveResponseHeader=Content-Type when path-suffix(.css) and status(200)"),
              List.of("/a.css"),
              200,
              "Cache-Control: max-age=60"),
          Row.of(
              "a response header is left alone otherwise",
              List.of("SetResponseHeader=X-A, a when status(404) or path(/y)"),
              List.of("/x"),
              200,
              "! X-A"),
          Row.of(
              "another pool is used",
              List.of("UsePool=q when path-prefix(/q/)"),
              List.of("/q/x"),
              200,
              "> server: other"),
          Row.of(
              "a server of a pool that a filter chose is preferred, by the last filter that"
                  + " applies",
              List.of("UsePool=q", "PreferServer=a", "PreferServer=b when path-prefix(/q/)"),
              List.of("/q/x"),
              200,
              "> server: one"),
          Row.of(
              "a preference that does not apply leaves the one before",
              List.of("UsePool=q", "PreferServer=a", "PreferServer=b when path-prefix(/q/)"),
              List.of("/x"),
              200,
              "> server: other"),
          Row.of(
              "the route's pool is used otherwise",
              List.of("UsePool=q when path-prefix(/q/)"),
              List.of("/x"),
              200,
              "> server: one"),
          Row.of(
              "usable servers are counted",
              List.of("UsePool=q when usable-servers(p, >= 1)"),
              List.of("/x"),
              200,
              "> server: other"),
          Row.of(
              "a response has values, a type and headers",
              List.of(
                  "{ name: Respond, args: { status: 200, text: '<b>{query.n}</b>', content-type:"
                      + " text/html, headers: { X-Of: '{host}' } }, when: 'query(n)' }"),
              List.of("/x?n=<i>"),
              200,
              "Content-Type: text/html",
              "X-Of: HOST",
              "<b>&#60;i&#62;</b>"),
          Row.of(
              "a text without values is as it was written",
              List.of("Respond=200, {\"a\": {\"b\": 1}}, closed when dark"),
              List.of("/x"),
              200,
              "{\"a\": {\"b\": 1}}, closed when dark"),
          Row.of(
              "a request header is replaced where it matches",
              List.of("ReplaceRequestHeader=X-A, ^a(.*)$, b$1"),
              List.of("/x", "X-A: a1", "X-A: c2"),
              200,
              "> X-A: b1",
              "> X-A: c2"),
          Row.of(
              "a response header is replaced where it matches",
              List.of(
                  "SetResponseHeader=X-A, {host}", "ReplaceResponseHeader=X-None, a, b when never"),
              List.of("/x"),
              200,
              "X-A: HOST"),
          Row.of(
              "a slow refusal",
              List.of("Tarpit=429, 50ms when path(/slow)"),
              List.of("/slow"),
              429),
          Row.of("no response at all", List.of("Reject when path(/r)"), List.of("/r"), 0),
          Row.of(
              "a filter of the Gateway has a condition",
              List.of("MapRequestHeader=X-A, X-B when header(X-A)"),
              List.of("/x", "X-A: 1"),
              200,
              "> X-B: 1"),
          Row.of(
              "control characters are escaped",
              List.of("SetResponseHeader=X-A, {query.a} when query(a)"),
              List.of("/x?a=b%0d%0aX-B:1"),
              200,
              "X-A: b%0d%0aX-B:1",
              "! \nX-B"));

  private static TestServer one;
  private static TestServer other;
  private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    one = new TestServer("one", call -> reply("one", call));
    other = new TestServer("other", call -> reply("other", call));
    Path file = Files.writeString(folder.resolve("gateway.yaml"), text());
    proxy = new TestProxy(file, TestProxy.tlsAndPlain(folder));
  }

  /** Replies with the request's head; the path may name the status. */
  private static void reply(String name, TestServer.Call call) throws Exception {
    int at = call.line().indexOf("/status/");
    int status = at < 0 ? 200 : Integer.parseInt(call.line().substring(at + 8, at + 11));
    call.reply(status, "server: " + name + "\r\n" + call.head());
  }

  private static String text() {
    StringBuilder text =
        new StringBuilder(
            """
            pools:
              p: { servers: { a: { url: "http://127.0.0.1:%d" } }, health: { type: tcp, interval: 1h, timeout: 30s } }
              q: { servers: { a: { url: "http://127.0.0.1:%d", role: master }, b: { url: "http://127.0.0.1:%d", role: backup } }, health: { type: tcp, interval: 1h, timeout: 30s } }
            routes:
            """
                .formatted(one.port(), other.port(), one.port()));
    for (int i = 0; i < ROWS.size(); i++) {
      for (String lane : LANES) {
        String more = lane.equals("gateway") ? ", 'After=2020-01-01T00:00:00Z'" : "";
        text.append(
            "  - { id: %1$s%2$d, uri: 'pool://p', predicates: [ 'Host=%1$s%2$d.test'%3$s ] }\n"
                .formatted(lane, i, more)
                .replace(
                    " }\n",
                    ", filters: [ " + String.join(", ", quoted(ROWS.get(i).filters())) + " ] }\n"));
      }
    }
    for (String lane : LANES) {
      String more = lane.equals("gateway") ? ", 'After=2020-01-01T00:00:00Z'" : "";
      text.append(
          """
            - { id: %1$s-beta, uri: 'pool://q', predicates: [ 'Host=%1$s.test', 'When=header(X-Beta) and not path-prefix(/a)'%2$s ] }
            - { id: %1$s-post, uri: 'pool://p', predicates: [ 'When=host(%1$s.test) and method(POST)'%2$s ], filters: [ 'Respond=201' ] }
            - { id: %1$s-all, uri: 'pool://p', predicates: [ 'Host=%1$s.test'%2$s ] }
          """
              .formatted(lane, more));
    }
    return text.toString();
  }

  /** The status, and the server that served. */
  private static String served(
      String lane, Protocol protocol, String method, String target, String... fields) {
    List<String> all = new ArrayList<>(List.of("Host: " + lane + ".test"));
    all.addAll(List.of(fields));
    try (TestClient client = proxy.connect(protocol)) {
      Response response =
          client.request(method, target, all.toArray(String[]::new)).response(method);
      return response.status() + " " + response.body().replaceFirst("(?s)\\r\\n.*", "");
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void the_first_route_whose_condition_holds_takes_the_request(Protocol protocol) {
    for (String lane : LANES) {
      assertThat(served(lane, protocol, "GET", "/x", "X-Beta: 1")).isEqualTo("200 server: other");
      assertThat(served(lane, protocol, "GET", "/a", "X-Beta: 1")).isEqualTo("200 server: one");
      assertThat(served(lane, protocol, "GET", "/x")).isEqualTo("200 server: one");
      assertThat(served(lane, protocol, "POST", "/x")).isEqualTo("201 ");
      assertThat(served(lane, protocol, "POST", "/x", "X-Beta: 1")).isEqualTo("200 server: other");
    }
  }

  @Test
  void every_route_without_a_predicate_or_filter_of_the_gateway_is_express() {
    RouteTable table = proxy.bean(CurrentRouteTable.class).current();
    Set<String> gatewayRows = gatewayRows();
    for (RouteLane lane : table.lanes()) {
      boolean gateways = lane.id().startsWith("gateway") || gatewayRows.contains(lane.id());
      assertThat(lane.express()).as(lane.id() + ": " + lane.why()).isEqualTo(!gateways);
    }
  }

  /** The rows with a filter of the Gateway, or an expression of Java's. */
  private static Set<String> gatewayRows() {
    return IntStream.range(0, ROWS.size())
        .filter(i -> ROWS.get(i).filters().getFirst().matches("MapRequestHeader=.*|.*\\(\\?!.*"))
        .mapToObj(i -> "express" + i)
        .collect(Collectors.toSet());
  }

  private static List<String> quoted(List<String> filters) {
    return filters.stream()
        .map(each -> each.startsWith("{") ? each : "'" + each.replace("'", "''") + "'")
        .toList();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    one.close();
    other.close();
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < ROWS.size(); i++) {
      for (String lane : LANES) {
        for (Protocol protocol : Protocol.values()) {
          cases.add(new Case(ROWS.get(i), i, lane, protocol));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_row_holds(Case each) {
    Response response = response(each);
    if (each.row().status() < 0 && each.protocol().isSecure()) {
      // Of plain requests only.
      assertThat(response.status()).isEqualTo(200);
      return;
    }
    assertThat(response.status()).isEqualTo(Math.abs(each.row().status()));
    String all = (response.head() + "\r\n\r\n> " + response.body()).toLowerCase();
    for (String seen : each.row().seen()) {
      String expected =
          seen.replace("HOST", each.host())
              .replace("GET http", each.protocol().isSecure() ? "GET https" : "GET http")
              .toLowerCase();
      if (seen.startsWith("! ")) {
        assertThat(all).doesNotContain(expected.substring(2));
      } else {
        assertThat(all.replace("\r\n", "\r\n> ")).contains(expected);
      }
    }
  }

  private static Response response(Case each) {
    List<String> words = each.row().request();
    boolean method = !words.get(0).startsWith("/");
    List<String> fields = new ArrayList<>(List.of("Host: " + each.host()));
    fields.addAll(words.subList(method ? 2 : 1, words.size()));
    try (TestClient client = proxy.connect(each.protocol())) {
      return client
          .request(
              method ? words.get(0) : "GET",
              words.get(method ? 1 : 0),
              fields.toArray(String[]::new))
          .response(method ? words.get(0) : "GET");
    }
  }
}
