package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.BAD_BODY;
import static dev.understudy.health.ProbeOutcome.TIMED_OUT;
import static dev.understudy.probe.ProbeHarness.AMPLE;
import static dev.understudy.probe.ProbeHarness.SHORT;
import static dev.understudy.probe.ProbeHarness.body;
import static dev.understudy.probe.ProbeHarness.http;
import static dev.understudy.probe.ProbeHarness.regex;
import static dev.understudy.probe.ProbeHarness.status;
import static dev.understudy.testing.ScriptedServer.responding;
import static java.lang.Integer.parseInt;
import static java.util.regex.Matcher.quoteReplacement;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.Regex;
import dev.understudy.pool.StatusSet;
import dev.understudy.testing.Rows;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Script;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What one response makes of an HTTP probe: a behaviour a row. */
class HttpProbeTest {
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

  // What is expected, what the server sends and what comes of it. "¶" ends a line, and "¦" is a
  // bar; "ok" stands for
  // a whole response with that body, "head" for one with those header lines, "-" for none; the
  // connection stays open after "…".
  @Rows(
      """
      a status in the set is good                                  | status 200-399                     | ok | OK | status 200
      a redirect is not followed                                   | status 302                         | HTTP/1.1 302 Found¶Location: /x¶Content-Length: 0¶¶ | OK | status 302
      a status outside of the set is bad                           | status 200-399                     | HTTP/1.1 503 Busy¶Content-Length: 0¶¶ | BAD_STATUS | status 503, expected 200-399
      HTTP/1.0 is welcome                                          | status 200                         | HTTP/1.0 200 OK¶¶hi | OK | status 200
      101 is a final answer                                        | status 101                         | HTTP/1.1 101 Switching Protocols¶Upgrade: websocket¶¶… | OK | status 101
      a status with an unknown code is bad, not malformed          | status 200                         | HTTP/1.1 799 Odd¶Content-Length: 0¶¶ | BAD_STATUS | status 799, expected 200
      status decides without the body                              | status 200                         | HTTP/1.1 200 OK¶Content-Length: 10¶¶… | OK | status 200
      a header's name has no letter case                           | header x-role mas                  | head X-Role: master | OK | status 200
      one of several header lines is enough                        | header x-role master               | head X-Role: a¶X-Role: master | OK | status 200
      a header may just be there                                   | header x-role                      | head X-Role: | OK | status 200
      a header that is missing is bad                              | header x-role master               | head A: b | BAD_HEADER | header "x-role" is missing
      a header with another value is bad                           | header x-role master               | head X-Role: backup | BAD_HEADER | header "x-role" is "backup", expected to contain "master"
      a body that contains the text is good                        | body version                       | ok a version 1 | OK | status 200
      text may be split over chunks                                | body version                       | HTTP/1.1 200 OK¶Transfer-Encoding: chunked¶¶3¶ver¶4¶sion¶0¶¶ | OK | status 200
      a body without length ends at close                          | body version                       | HTTP/1.1 200 OK¶¶x version | OK | status 200
      a body without the text is bad                               | body version                       | ok hello | BAD_BODY | body does not contain "version"
      a body without length and without the text is bad at close   | body version                       | HTTP/1.1 200 OK¶¶hello | BAD_BODY | body does not contain "version"
      no body where one is expected is bad                         | body version                       | HTTP/1.1 204 No Content¶¶ | BAD_BODY | body does not contain "version"
      a body is read as UTF-8                                      | body größe €                       | HTTP/1.1 200 OK¶¶größe € | OK | status 200
      text that was found decides without the rest                 | body version                       | HTTP/1.1 200 OK¶Content-Length: 1000¶¶version… | OK | status 200
      a body that matches is good                                  | regex version\\s*:\\s*\\d+$        | ok {version : 17 | OK | status 200
      a body that does not match is bad                            | regex version \\d                  | ok version x | BAD_BODY | body does not match body-regex "version \\\\d"
      a status that must not be is bad                             | not status 500-599                 | HTTP/1.1 503 Busy¶Content-Length: 0¶¶ | BAD_STATUS | status 503, expected none of 500-599
      another status than one that must not be is good             | not status 500-599                 | HTTP/1.1 499 X¶Content-Length: 0¶¶ | OK | status 499
      all rules must hold                                          | status 200 & body b                | ok a | BAD_BODY | body does not contain "b"
      text that must not be there decides without the rest         | not body maintenance               | HTTP/1.1 200 OK¶Content-Length: 1000¶¶in maintenance… | BAD_BODY | body contains "maintenance"
      text that must not be there, and is not                      | not body maintenance & body a      | ok abc | OK | status 200
      an expression that must not be there is bad                  | not regex ^a                       | ok abc | BAD_BODY | body matches body-regex "^a"
      a header that must not be there is bad                       | not header X-A                     | HTTP/1.1 200 OK¶X-A: 1¶Content-Length: 0¶¶ | BAD_HEADER | header "X-A" is "1", expected not to be there
      a header that must not be there in a form, and is in another | not header X-A 2                   | HTTP/1.1 200 OK¶X-A: 1¶Content-Length: 0¶¶ | OK | status 200
      another protocol is no response                              | status 200                         | SSH-2.0-OpenSSH_9… | BAD_RESPONSE | no HTTP/1 response, it begins with "SSH-2.0-OpenSSH_9"
      a status line without a code is no response                  | status 200                         | HTTP/1.1 OK¶¶… | BAD_RESPONSE |
      a status with a sign or a leading zero is no response        | status 200                         | HTTP/1.1 +200 OK¶¶… | BAD_RESPONSE |
      nor is one of two digits, although it says 200 otherwise     | status 200                         | HTTP/1.0 20¶¶… | BAD_RESPONSE |
      a bad chunk is no response                                   | body version                       | HTTP/1.1 200 OK¶Transfer-Encoding: chunked¶¶zz¶… | BAD_RESPONSE |
      closed without a byte                                        | status 200                         | - | BROKEN | connection closed without a response
      closed within the headers                                    | status 200                         | HTTP/1.1 200 OK¶Content- | BROKEN | connection closed before the end of the response
      closed before the body's end                                 | body version                       | HTTP/1.1 200 OK¶Content-Length: 100¶¶ver | BROKEN | connection closed before the end of the response
      silence                                                      | status 200                         | … | TIMED_OUT | no response within 1 s
      a reset after the request                                    | status 200                         | RESET | BROKEN | connection reset
      silence within the headers                                   | status 200                         | HTTP/1.1 200 OK¶Content-… | TIMED_OUT | no response within 1 s
      silence within the body                                      | body version                       | HTTP/1.1 200 OK¶Content-Length: 100¶¶ver… | TIMED_OUT | response not complete within 1 s
      interim responses are skipped                                | status 200                         | HTTP/1.1 100 Continue¶¶HTTP/1.1 103 Early Hints¶Link: </a>¶¶HTTP/1.1 200 OK¶Content-Length: 0¶¶ | OK | status 200
      what is told of a long value is short                        | header x-role master               | head X-Role: 4000×\\ | BAD_HEADER | header "x-role" is "80×\\…", expected to contain "master"
      an expression that backtracks without end is cut short       | regex (a+)+$                       | ok 5000×a! | BAD_BODY | body-regex "(a+)+$" needs too many steps on this body; write a simpler one
      an expression that recurses too deep is cut short            | regex ^(a¦b)*$                     | ok 32000×ab | BAD_BODY | body-regex "^(a¦b)*$" needs too many steps on this body; write a simpler one
      a linear expression may look at the largest body             | regex (?i)\\bversion\\b¦release \\d+\\.\\d+ | ok 64000×x;release 1.2 | OK | status 200
      only the first 64 KB count                                   | body version                       | HTTP/1.1 200 OK¶¶65536×x;version… | BAD_BODY | body does not contain "version"
      the last byte of the first 64 KB counts                      | body version                       | HTTP/1.1 200 OK¶¶65528×x;version… | OK | status 200
      what a server sends is escaped                               | status 200                         | HTTP/1\u001b[2J␊\u202e… | BAD_RESPONSE | no HTTP/1 response, it begins with "HTTP/1\\u001b[2J\\n\\u202e"
      a status of four digits is no response                       | status 200-599                     | HTTP/1.1 1000 OK¶Content-Length: 0¶¶… | BAD_RESPONSE | no HTTP/1 response, it begins with "HTTP/1.1 1000 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"
      headers over 16 KB are no response                           | status 200                         | HTTP/1.1 200 OK¶X: 20000×x¶¶… | BAD_RESPONSE | status line or headers are too long
      """)
  void a_response_is_judged(
      String says, String expect, String server, ProbeOutcome outcome, @Nullable String detail) {
    Duration timeout = outcome == TIMED_OUT ? SHORT : AMPLE;
    String shown = detail == null ? null : repeated(detail).replace('¦', '|');
    judge(expectation(expect.replace('¦', '|')), timeout, script(repeated(server)), outcome, shown);
  }

  /** With "a" three times for each "3×a". */
  private static String repeated(String text) {
    return Pattern.compile("(\\d+)×(\\S+?)(?=[¶…;!]|$)")
        .matcher(text)
        .replaceAll(found -> quoteReplacement(found.group(2).repeat(parseInt(found.group(1)))));
  }

  private static Script script(String text) {
    String response = text.replace("¶", "\r\n").replace('␊', '\n').replaceFirst("^-$", "");
    if (response.equals("RESET")) {
      return connection -> {
        connection.readHead();
        connection.reset();
      };
    }
    if (response.endsWith("…")) {
      return thenHang(response.substring(0, response.length() - 1));
    }
    if (response.startsWith("ok")) {
      return responding(ok(response.substring(2).strip()));
    }
    return responding(response.startsWith("head ") ? okWith(response.substring(5)) : response);
  }

  /** One expectation, or rules with "&" between them, of which each may be turned by "not". */
  private static Expectation expectation(String text) {
    if (!text.contains(" & ") && !text.startsWith("not ")) {
      String[] words = text.split(" ", 2);
      return switch (words[0]) {
        case "status" -> status(words[1]);
        case "body" -> body(words[1]);
        case "regex" -> regex(words[1]);
        default -> expected(words[1]);
      };
    }
    return new Expectation(
        Expectation.ANY_STATUS,
        null,
        null,
        null,
        Stream.of(text.split(" & ", -1)).map(HttpProbeTest::rule).toList());
  }

  private static Expectation.Rule rule(String text) {
    boolean not = text.startsWith("not ");
    String[] words = (not ? text.substring(4) : text).split(" ", 2);
    boolean header = words[0].equals("header");
    return new Expectation.Rule(
        not,
        words[0].equals("status") ? StatusSet.parse(words[1]) : null,
        words[0].equals("body") ? words[1] : null,
        words[0].equals("regex") ? Regex.of(words[1]) : null,
        header ? header(words[1]) : null);
  }

  /** From a name, with or without a text that the value contains. */
  private static ExpectedHeader header(String text) {
    String[] words = text.split(" ", 2);
    return new ExpectedHeader(words[0], words.length == 1 ? null : words[1]);
  }

  private static Expectation expected(String header) {
    return new Expectation(StatusSet.parse("200-399"), null, null, header(header));
  }

  @Test
  void text_and_expression_must_both_hold() {
    Expectation both = new Expectation(StatusSet.parse("200"), "a", Regex.of("z"), null);
    String detail = "body does not match body-regex \"z\"";
    judge(both, AMPLE, responding(ok("abc")), BAD_BODY, detail);
  }

  @Test
  void interim_responses_without_end_are_no_response() {
    Script interim =
        connection -> {
          while (true) {
            connection.send("HTTP/1.1 102 Processing\r\n\r\n");
            Thread.sleep(5);
          }
        };
    judge(status("200"), SHORT, interim, TIMED_OUT, "no response within 1 s");
  }

  private static void judge(
      Expectation expect,
      Duration timeout,
      Script script,
      ProbeOutcome outcome,
      @Nullable String detail) {
    try (ScriptedServer server = new ScriptedServer(script);
        ProbeHarness harness = new ProbeHarness()) {
      Observation.Probe probe = harness.probe(http(expect), server.port(), timeout);

      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(outcome);
      if (detail != null) {
        assertThat(probe.detail()).isEqualTo(detail);
      }
      assertThat(probe.detail()).isNotBlank().hasSizeLessThanOrEqualTo(200);
      assertThat(probe.started()).isEqualTo(ProbeHarness.STARTED);
      server.close();
      harness.close();
      assertThat(harness.reported).as("reported once").isEmpty();
    }
  }
}
