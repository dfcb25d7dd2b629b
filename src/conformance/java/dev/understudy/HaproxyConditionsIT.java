package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.application.SpringProxy;
import dev.understudy.assembly.Instrumentation;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Conditions beside HAProxy's own: each row has an {@code acl} of HAProxy and our expression for
 * it, and the same requests get the same decision from both. Each deliberate difference is a row of
 * its own.
 */
class HaproxyConditionsIT {
  /** An {@code acl} and an expression. */
  private record Row(String acl, String expression) {}

  private static final List<Row> ROWS =
      List.of(
          new Row("path /a", "path(/a)"),
          new Row("path /a /a/b", "path(/a, /a/b)"),
          new Row("path -i /A", "path(i: /A)"),
          new Row("path_beg /a", "path-prefix(/a)"),
          new Row("path_beg /admin /api/", "path-prefix(/admin, /api/)"),
          new Row("path_beg -i /ADMIN", "path-prefix(i: /ADMIN)"),
          new Row("path_end .php .css", "path-suffix(.php, .css)"),
          new Row("path_sub dmi", "path-contains(dmi)"),
          new Row("path_dir b", "path-directory(b)"),
          new Row("path_dir /a/b/", "path-directory(/a/b/)"),
          new Row("path_dir -i B", "path-directory(i: B)"),
          new Row("path_reg ^/(a|admin)/[a-z]+$", "path-matches(\"^/(a|admin)/[a-z]+$\")"),
          new Row("path_reg -i ^/A$", "path-matches(i: ^/A$)"),
          new Row("hdr(host),field(1,:) -i a.example.com", "host(a.example.com)"),
          new Row("hdr_beg(host) -i a.", "host-prefix(a.)"),
          new Row("hdr(host),field(1,:) -i -m end .example.com", "host-suffix(.example.com)"),
          new Row("hdr_sub(host) -i XAMPL", "host-contains(XAMPL)"),
          new Row("method GET", "method(GET)"),
          new Row("method POST PUT", "method(POST, PUT)"),
          new Row("hdr(x-a) -m found", "header(X-A)"),
          new Row("hdr(x-a) b", "header(X-A, b)"),
          new Row("hdr(x-a) -i B c", "header(i: X-A, B, c)"),
          new Row("hdr_beg(x-a) b", "header-prefix(X-A, b)"),
          new Row("hdr_end(x-a) b", "header-suffix(X-A, b)"),
          new Row("hdr_sub(x-a) b", "header-contains(X-A, b)"),
          new Row("hdr_reg(x-a) ^b.*c$", "header-matches(X-A, ^b.*c$)"),
          new Row("req.fhdr(x-a) 'b, c'", "header(X-A, \"b, c\")"),
          new Row(
              "hdr_reg(x-a) '^10[.][0-9]{1,3}[.]'", "header-matches(X-A, \"^10[.][0-9]{1,3}[.]\")"),
          new Row("hdr(x-a) 'a,b' c", "header(X-A, \"a,b\", c)"),
          new Row("hdr_cnt(x-a) gt 1", "header-count(X-A, > 1)"),
          new Row("hdr_cnt(x-a) eq 0", "header-count(X-A, 0)"),
          new Row("req.hdr_val(content-length) gt 5", "content-length(> 5)"),
          new Row("cook(s) -m found", "cookie(s)"),
          new Row("cook(s) 1", "cookie(s, 1)"),
          new Row("cook_beg(s) 1", "cookie-prefix(s, 1)"),
          new Row("cook_end(s) 2", "cookie-suffix(s, 2)"),
          new Row("cook_sub(s) 1", "cookie-contains(s, 1)"),
          new Row("url_param(q) -m found", "query(q)"),
          new Row("url_param(q) 1", "query(q, 1)"),
          new Row("url_param(q) -m sub 2", "query-contains(q, 2)"),
          new Row("src 127.0.0.0/8", "client-address(127.0.0.0/8)"),
          new Row("src 10.0.0.0/8 192.168.1.1", "client-address(10.0.0.0/8, 192.168.1.1)"),
          new Row("ssl_fc", "tls"),
          new Row("always_true", "any"),
          new Row("hdr(upgrade) -i websocket", "header(i: Upgrade, websocket)"),
          new Row("nbsrv(s) ge 1", "usable-servers(s, >= 1)"),
          new Row("nbsrv(s) lt 1", "usable-servers(s, < 1)"));

  /** Targets and header fields; each row's condition is evaluated on each. */
  private static final List<String> REQUESTS =
      List.of(
          "GET /|Host: a",
          "GET /a|Host: a.example.com",
          "GET /A|Host: A.Example.com",
          "GET /a?q=1|Host: a.example.com:8080",
          "GET /a/b?q=12&r=3|Host: b.a.example.com",
          "GET /a/bc?q|Host: example.com",
          "GET /ab?r=1&q=2&q=1|Host: notexample.com",
          "GET /admin|Host: a.example.com.evil.test",
          "GET /admin/x.php|Host: x",
          "GET /api|Host: x",
          "GET /api/x.css?x=.php|Host: x",
          "GET /x/a/b/y|Host: x",
          "HEAD /a|Host: x",
          "PUT /a|Host: x|Content-Length: 0",
          "POST /a|Host: x|Content-Length: 3",
          "POST /a|Host: x|Content-Length: 9",
          "DELETE /a|Host: x",
          "GET /x|Host: x|X-A: b",
          "GET /x|Host: x|X-A:",
          "GET /x|Host: x|X-A: a,b , c",
          "GET /x|Host: x|X-A: b, c",
          "GET /x|Host: x|X-A: c|X-A: a, xb",
          "GET /x|Host: x|X-A: B",
          "GET /x|Host: x|X-A: bc",
          "GET /x|Host: x|X-A: \"b,c\", d",
          "GET /x|Host: x|X-A: ,",
          "GET /x|Host: x|Cookie: s=1",
          "GET /x|Host: x|Cookie: r=1; s=12; t=3",
          "GET /x|Host: x|Cookie: t=s=1",
          "GET /x|Host: x|Cookie: s=",
          "GET /x|Host: x|Upgrade: WebSocket",
          "GET /x?a=q&qq=1|Host: x",
          "GET /x?q=|Host: x",
          "GET /x?r=1;q=1|Host: x",
          "GET /x?;q=1|Host: x",
          "GET /x?q=1;r=3|Host: x",
          "GET /x?r=1&s=2;q=12|Host: x",
          "GET /x?r;q|Host: x",
          "GET /x;q=1|Host: x",
          "GET /x|Host: x|X-A: 1.1.1.1, 10.20.0.1",
          "GET /x|Host: x|X-A: 10.20.0.1",
          "GET /x|Host: x|X-A: 1.1.1.1|X-A: 2.2.2.2,10.2.3.4",
          "GET /x|Host: x|X-A: 110.1.1.1",
          "GET /x|Host: x|X-A: x, c",
          "GET /x|Host: x|Cookie: r=1, s=1",
          "GET /x|Host: x|Cookie: r=1,s=12",
          "GET /x|Host: x|Cookie: s=1,1; r=1",
          "GET /x|Host: x|Cookie: r=1;s=1",
          "GET /x|Host: x|Cookie: r=1;\ts=1",
          "GET /x|Host: x|Cookie: r=1;  s=12",
          "GET /x|Host: x|Cookie: s =1",
          "GET /x|Host: x|Cookie: s= 1",
          "GET /x|Host: x|Cookie: s=1 ; r=2",
          "GET /x|Host: x|Cookie: s\t=1",
          "GET /x|Host: x|Cookie: r=1|Cookie: s=1",
          "GET /x|Host: x|Cookie: ;;s=1");

  private static Process haproxy;
  private static int haproxyPort;
  private static ConfigurableApplicationContext understudy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    haproxyPort = Ports.free();
    int server = Ports.free();
    StringBuilder theirs =
        new StringBuilder(
            """
            defaults
              mode http
              timeout connect 1s
              timeout client 10s
              timeout server 10s
            backend s
              server s 127.0.0.1:%d
            frontend in
              bind 127.0.0.1:%d
            """
                .formatted(server, haproxyPort));
    StringBuilder ours =
        new StringBuilder(
            """
            pools:
              s: { servers: { a: { url: "http://127.0.0.1:%d" } }, health: { type: tcp } }
            routes:
            """
                .formatted(haproxyPort));
    for (int i = 0; i < ROWS.size(); i++) {
      Row row = ROWS.get(i);
      theirs.append(
          "  http-request return status 201 content-type text/plain string yes if { hdr(x-row) %d } { %s }%n"
              .formatted(i, row.acl()));
      ours.append(
          """
            - id: r%d
              uri: pool://s
              predicates: [ "When=header(X-Row, %d)" ]
              filters:
                - { name: Respond, args: { status: 201, text: 'yes' }, when: '%s' }
                - Respond=200, no
          """
              .formatted(i, i, row.expression().replace("'", "''")));
    }
    theirs.append("  http-request return status 200 content-type text/plain string no\n");
    Path file = Files.writeString(folder.resolve("haproxy.cfg"), theirs);
    Path log = folder.resolve("haproxy.log");
    haproxy =
        new ProcessBuilder("haproxy", "-db", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Await.until(
        "HAProxy listens",
        () -> {
          if (!haproxy.isAlive()) {
            throw new IllegalStateException(Files.readString(log));
          }
          return Ports.listening(haproxyPort);
        });
    SpringApplication application = SpringProxy.application(Instrumentation.standard());
    application.setRegisterShutdownHook(false);
    understudy =
        application.run(
            "--server.port=0",
            "--management.server.port=0",
            "--logging.level.root=warn",
            "--understudy.drain.delay=0s",
            "--understudy.config=" + Files.writeString(folder.resolve("gateway.yaml"), ours));
  }

  @AfterAll
  static void stop() {
    haproxy.destroy();
    understudy.close();
  }

  static Stream<String> rows() {
    return ROWS.stream().map(Row::acl);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void both_decide_alike(String acl) throws IOException {
    int index = ROWS.stream().map(Row::acl).toList().indexOf(acl);
    List<String> ours = new ArrayList<>();
    List<String> theirs = new ArrayList<>();
    Set<String> decided = new HashSet<>();
    for (String request : REQUESTS) {
      String our = decision(ourPort(), request, index);
      String their = decision(haproxyPort, request, index);
      decided.add(their);
      if (!our.equals(their)) {
        ours.add(request + ": " + our);
        theirs.add(request + ": " + their);
      }
    }
    assertThat(ours).as(ROWS.get(index).expression()).isEqualTo(theirs);
    assertThat(decided).isSubsetOf("200", "201").isNotEmpty();
  }

  @Test
  void unusual_forms_of_a_path_lead_around_haproxy_alone() throws IOException {
    for (String target : List.of("/%61dmin", "//admin", "/x/../admin", "/;a/admin", "/%2Fadmin")) {
      leadsAroundHaproxyAlone("path_beg /admin /api/", "GET " + target + "|Host: x");
    }
  }

  @Test
  void an_encoded_parameter_leads_around_haproxy_alone() throws IOException {
    for (String target : List.of("/?q=%31", "/?%71=1")) {
      leadsAroundHaproxyAlone("url_param(q) 1", "GET " + target + "|Host: x");
    }
  }

  @Test
  void a_semicolon_in_a_parameter_ends_its_value_in_haproxy_alone() throws IOException {
    leadsAroundHaproxyAlone("url_param(q) -m sub 2", "GET /x?q=1;2|Host: x");
  }

  @Test
  void a_comma_in_a_cookie_ends_its_value_in_haproxy_alone() throws IOException {
    leadsAroundHaproxyAlone("cook_end(s) 2", "GET /x|Host: x|Cookie: s=1,2");
  }

  private static void leadsAroundHaproxyAlone(String acl, String request) throws IOException {
    int index = ROWS.stream().map(Row::acl).toList().indexOf(acl);
    assertThat(decision(haproxyPort, request, index)).isEqualTo("200");
    assertThat(decision(ourPort(), request, index)).isEqualTo("201");
  }

  private static int ourPort() {
    return understudy.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  /** The status of the response: 201 if the condition holds, else 200. */
  private static String decision(int port, String request, int row) throws IOException {
    List<String> parts = List.of(request.split("\\|", -1));
    StringBuilder text = new StringBuilder(parts.get(0) + " HTTP/1.1\n");
    parts.subList(1, parts.size()).forEach(field -> text.append(field).append('\n'));
    text.append("X-Row: ").append(row).append('\n');
    if (!request.contains("Connection:")) {
      text.append("Connection: close\n");
    }
    text.append('\n');
    int length = request.indexOf("Content-Length: ");
    if (length >= 0) {
      text.append("x".repeat(Integer.parseInt(request.substring(length + 16).split("\\|")[0])));
    }
    try (RawClient client = new RawClient(port, false)) {
      client.sendLines(text.toString());
      var response = client.response(parts.get(0).split(" ")[0]);
      return Integer.toString(response.status());
    }
  }
}
