package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.BAD_BODY;
import static dev.understudy.health.ProbeOutcome.BAD_HEADER;
import static dev.understudy.health.ProbeOutcome.BAD_RESPONSE;
import static dev.understudy.health.ProbeOutcome.BAD_STATUS;
import static dev.understudy.health.ProbeOutcome.BROKEN;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static dev.understudy.probe.ProbeHarness.AMPLE;
import static dev.understudy.probe.ProbeHarness.SHORT;
import static dev.understudy.probe.ProbeHarness.body;
import static dev.understudy.probe.ProbeHarness.header;
import static dev.understudy.probe.ProbeHarness.http;
import static dev.understudy.probe.ProbeHarness.regex;
import static dev.understudy.probe.ProbeHarness.status;
import static dev.understudy.testing.ScriptedServer.responding;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.Regex;
import dev.understudy.pool.StatusSet;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Script;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What one response makes of an HTTP probe: a behaviour a row. */
class HttpProbeTest {
  record Row(
      String says,
      Expectation expect,
      Duration timeout,
      Script server,
      ProbeOutcome outcome,
      String detail) {
    @Override
    public String toString() {
      return says;
    }
  }

  private static Row row(
      String says, Expectation expect, String response, ProbeOutcome outcome, String detail) {
    return new Row(says, expect, AMPLE, responding(response), outcome, detail);
  }

  private static Row row(
      String says, Expectation expect, Script server, ProbeOutcome outcome, String detail) {
    return new Row(says, expect, AMPLE, server, outcome, detail);
  }

  private static Expectation rules(Expectation.Rule... rules) {
    return new Expectation(Expectation.ANY_STATUS, null, null, null, List.of(rules));
  }

  private static Expectation.Rule rule(
      boolean not, String status, String body, String regex, ExpectedHeader header) {
    return new Expectation.Rule(
        not,
        status == null ? null : StatusSet.parse(status),
        body,
        regex == null ? null : Regex.of(regex),
        header);
  }

  private static Row late(String says, Expectation expect, Script server, String detail) {
    return new Row(says, expect, SHORT, server, TIMED_OUT, detail);
  }

  private static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  private static String okWith(String header) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + header + "\r\n\r\n";
  }

  private static Script thenHang(String response) {
    return connection -> {
      connection.readHead();
      connection.send(response);
      connection.awaitEnd();
    };
  }

  static Stream<Row> statuses() {
    return Stream.of(
        row("a status in the set is good", status("200-399"), ok(""), OK, "status 200"),
        row(
            "a redirect is not followed",
            status("302"),
            "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
            OK,
            "status 302"),
        row(
            "a status outside of the set is bad",
            status("200-399"),
            "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
            BAD_STATUS,
            "status 503, expected 200-399"),
        row("HTTP/1.0 is welcome", status("200"), "HTTP/1.0 200 OK\r\n\r\nhi", OK, "status 200"),
        row(
            "interim responses are skipped",
            status("200"),
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok(""),
            OK,
            "status 200"),
        row(
            "101 is a final answer",
            status("101"),
            thenHang("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
            OK,
            "status 101"),
        row(
            "a status with an unknown code is bad, not malformed",
            status("200"),
            "HTTP/1.1 799 Odd\r\nContent-Length: 0\r\n\r\n",
            BAD_STATUS,
            "status 799, expected 200"),
        row(
            "status decides without the body",
            status("200"),
            thenHang("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
            OK,
            "status 200"));
  }

  static Stream<Row> headers() {
    return Stream.of(
        row(
            "a header's name has no letter case",
            header("x-role", "mas"),
            okWith("X-Role: master"),
            OK,
            "status 200"),
        row(
            "one of several header lines is enough",
            header("x-role", "master"),
            okWith("X-Role: a\r\nX-Role: master"),
            OK,
            "status 200"),
        row(
            "a header may just be there",
            header("x-role", null),
            okWith("X-Role:"),
            OK,
            "status 200"),
        row(
            "a header that is missing is bad",
            header("x-role", "master"),
            okWith("A: b"),
            BAD_HEADER,
            "header \"x-role\" is missing"),
        row(
            "a header with another value is bad",
            header("x-role", "master"),
            okWith("X-Role: backup"),
            BAD_HEADER,
            "header \"x-role\" is \"backup\", expected to contain \"master\""),
        row(
            "what is told of a long value is short",
            header("x-role", "master"),
            okWith("X-Role: " + "\\".repeat(4_000)),
            BAD_HEADER,
            "header \"x-role\" is \"" + "\\".repeat(80) + "…\", expected to contain \"master\""));
  }

  static Stream<Row> bodies() {
    String chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nver\r\n4\r\nsion\r\n0\r\n\r\n";
    return Stream.of(
        row(
            "a body that contains the text is good",
            body("version"),
            ok("a version 1"),
            OK,
            "status 200"),
        row("text may be split over chunks", body("version"), chunked, OK, "status 200"),
        row(
            "a body without length ends at close",
            body("version"),
            "HTTP/1.1 200 OK\r\n\r\nx version",
            OK,
            "status 200"),
        row(
            "a body without the text is bad",
            body("version"),
            ok("hello"),
            BAD_BODY,
            "body does not contain \"version\""),
        row(
            "a body without length and without the text is bad at close",
            body("version"),
            "HTTP/1.1 200 OK\r\n\r\nhello",
            BAD_BODY,
            "body does not contain \"version\""),
        row(
            "no body where one is expected is bad",
            body("version"),
            "HTTP/1.1 204 No Content\r\n\r\n",
            BAD_BODY,
            "body does not contain \"version\""),
        row(
            "a body is read as UTF-8",
            body("größe €"),
            "HTTP/1.1 200 OK\r\n\r\ngröße €",
            OK,
            "status 200"),
        row(
            "text that was found decides without the rest",
            body("version"),
            thenHang("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nversion"),
            OK,
            "status 200"),
        row(
            "a body that matches is good",
            regex("version\\s*:\\s*\\d+$"),
            ok("{version : 17"),
            OK,
            "status 200"),
        row(
            "a body that does not match is bad",
            regex("version \\d"),
            ok("version x"),
            BAD_BODY,
            "body does not match body-regex \"version \\\\d\""),
        row(
            "text and expression must both hold",
            new Expectation(StatusSet.parse("200"), "a", Regex.of("z"), null),
            ok("abc"),
            BAD_BODY,
            "body does not match body-regex \"z\""),
        row(
            "a status that must not be is bad",
            rules(rule(true, "500-599", null, null, null)),
            "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
            BAD_STATUS,
            "status 503, expected none of 500-599"),
        row(
            "another status than one that must not be is good",
            rules(rule(true, "500-599", null, null, null)),
            "HTTP/1.1 499 X\r\nContent-Length: 0\r\n\r\n",
            OK,
            "status 499"),
        row(
            "all rules must hold",
            rules(rule(false, "200", null, null, null), rule(false, null, "b", null, null)),
            ok("a"),
            BAD_BODY,
            "body does not contain \"b\""),
        row(
            "text that must not be there decides without the rest",
            rules(rule(true, null, "maintenance", null, null)),
            thenHang("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nin maintenance"),
            BAD_BODY,
            "body contains \"maintenance\""),
        row(
            "text that must not be there, and is not",
            rules(rule(true, null, "maintenance", null, null), rule(false, null, "a", null, null)),
            ok("abc"),
            OK,
            "status 200"),
        row(
            "an expression that must not be there is bad",
            rules(rule(true, null, null, "^a", null)),
            ok("abc"),
            BAD_BODY,
            "body matches body-regex \"^a\""),
        row(
            "a header that must not be there is bad",
            rules(rule(true, null, null, null, new ExpectedHeader("X-A", null))),
            "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n",
            BAD_HEADER,
            "header \"X-A\" is \"1\", expected not to be there"),
        row(
            "a header that must not be there in a form, and is in another",
            rules(rule(true, null, null, null, new ExpectedHeader("X-A", "2"))),
            "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n",
            OK,
            "status 200"),
        row(
            "an expression that backtracks without end is cut short",
            regex("(a+)+$"),
            ok("a".repeat(5_000) + "!"),
            BAD_BODY,
            "body-regex \"(a+)+$\" needs too many steps on this body; write a simpler one"),
        row(
            "an expression that recurses too deep is cut short",
            regex("^(a|b)*$"),
            ok("ab".repeat(32_000)),
            BAD_BODY,
            "body-regex \"^(a|b)*$\" needs too many steps on this body; write a simpler one"),
        row(
            "a linear expression may look at the largest body",
            regex("(?i)\\bversion\\b|release \\d+\\.\\d+"),
            ok("x ".repeat(32_000) + "release 1.2"),
            OK,
            "status 200"),
        row(
            "only the first 64 KB count",
            body("version"),
            thenHang("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(64 * 1024) + "version"),
            BAD_BODY,
            "body does not contain \"version\""),
        row(
            "the last byte of the first 64 KB counts",
            body("version"),
            thenHang("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(64 * 1024 - 7) + "version"),
            OK,
            "status 200"));
  }

  static Stream<Row> noResponses() {
    return Stream.of(
        row(
            "another protocol is no response",
            status("200"),
            thenHang("SSH-2.0-OpenSSH_9"),
            BAD_RESPONSE,
            "no HTTP/1 response, it begins with \"SSH-2.0-OpenSSH_9\""),
        row(
            "what a server sends is escaped",
            status("200"),
            thenHang("HTTP/1\u001b[2J\n\u202e"),
            BAD_RESPONSE,
            "no HTTP/1 response, it begins with \"HTTP/1\\u001b[2J\\n\\u202e\""),
        row(
            "a status line without a code is no response",
            status("200"),
            thenHang("HTTP/1.1 OK\r\n\r\n"),
            BAD_RESPONSE,
            null),
        row(
            "a status of four digits is no response",
            status("200-599"),
            thenHang("HTTP/1.1 1000 OK\r\nContent-Length: 0\r\n\r\n"),
            BAD_RESPONSE,
            "no HTTP/1 response, it begins with \"HTTP/1.1 1000 OK\\r"
                + "\\n"
                + "Content-Length: 0\\r"
                + "\\n"
                + "\\r"
                + "\\n"
                + "\""),
        row(
            "a status with a sign or a leading zero is no response",
            status("200"),
            thenHang("HTTP/1.1 +200 OK\r\n\r\n"),
            BAD_RESPONSE,
            null),
        row(
            "nor is one of two digits, although it says 200 otherwise",
            status("200"),
            thenHang("HTTP/1.0 20\r\n\r\n"),
            BAD_RESPONSE,
            null),
        row(
            "headers over 16 KB are no response",
            status("200"),
            thenHang("HTTP/1.1 200 OK\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"),
            BAD_RESPONSE,
            "status line or headers are too long"),
        row(
            "a bad chunk is no response",
            body("version"),
            thenHang("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            BAD_RESPONSE,
            null),
        row(
            "closed without a byte",
            status("200"),
            responding(""),
            BROKEN,
            "connection closed without a response"),
        row(
            "closed within the headers",
            status("200"),
            responding("HTTP/1.1 200 OK\r\nContent-"),
            BROKEN,
            "connection closed before the end of the response"),
        row(
            "closed before the body's end",
            body("version"),
            responding("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nver"),
            BROKEN,
            "connection closed before the end of the response"),
        row(
            "reset after the request",
            status("200"),
            connection -> {
              connection.readHead();
              connection.reset();
            },
            BROKEN,
            "connection reset"),
        late("silence", status("200"), thenHang(""), "no response within 1 s"),
        late(
            "silence within the headers",
            status("200"),
            thenHang("HTTP/1.1 200 OK\r\nContent-"),
            "no response within 1 s"),
        late(
            "silence within the body",
            body("version"),
            thenHang("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nver"),
            "response not complete within 1 s"),
        late(
            "interim responses without end",
            status("200"),
            connection -> {
              while (true) {
                connection.send("HTTP/1.1 102 Processing\r\n\r\n");
                Thread.sleep(5);
              }
            },
            "no response within 1 s"));
  }

  @ParameterizedTest
  @MethodSource({"statuses", "headers", "bodies", "noResponses"})
  void response_is_judged(Row row) {
    try (ScriptedServer server = new ScriptedServer(row.server);
        ProbeHarness harness = new ProbeHarness()) {
      Observation.Probe probe = harness.probe(http(row.expect), server.port(), row.timeout);

      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(row.outcome);
      if (row.detail != null) {
        assertThat(ProbeHarness.detail(probe)).isEqualTo(row.detail);
      }
      assertThat(probe.detail()).isNotBlank().hasSizeLessThanOrEqualTo(200);
      assertThat(probe.started()).isEqualTo(ProbeHarness.STARTED);
      server.close();
      harness.close();
      assertThat(harness.reported).as("reported once").isEmpty();
    }
  }
}
