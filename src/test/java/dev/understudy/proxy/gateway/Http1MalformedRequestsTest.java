package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HTTP/1 that is malformed or ambiguous: it is answered, the connection ends, no server sees it.
 */
@ParameterizedClass
@MethodSource("plain")
class Http1MalformedRequestsTest extends LaneProtocolTable {

  /**
   * What is sent, and its response.
   *
   * @param name says what is wrong
   */
  private record Row(String name, int status, String raw) {}

  private static Row head(String name, String line, String... fields) {
    return new Row(name, 400, line + "\r\n" + String.join("\r\n", fields) + "\r\n\r\n");
  }

  private static Row field(String name, String... fields) {
    return head(name, "POST / HTTP/1.1\r\nHost: h", fields);
  }

  private static Row line(String name, String line) {
    return head(name, line, "Host: h");
  }

  private static Row host(String name, String... fields) {
    return head(name, "GET / HTTP/1.1", fields);
  }

  /** A body whose framing is broken; that its head came is known to the server already. */
  private static Row chunks(String name, String body) {
    return new Row(
        name, 400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
  }

  private static final List<Row> HEADS =
      List.of(
          host("no Host", "X: y"),
          host("two Hosts", "Host: a", "Host: b"),
          host("the same Host twice", "Host: a", "host: a"),
          host("an empty Host", "Host:"),
          host("a Host with a space", "Host: a b"),
          host("a Host with a slash", "Host: a/b"),
          host("a Host with a user", "Host: u@a"),
          host("a Host with two ports", "Host: a:1:2"),
          host("a Host in brackets that is no address", "Host: [1::2::3]"),
          host("a Host beyond ASCII", "Host: caf\u00e9"),
          host("a folded line", "Host: a", "X: y", " z"),
          host("a folded line with a tab", "Host: a", "X: y", "\tz"),
          host("a folded Host", "Host:", " a"),
          host("a fold that hides a field", "Host: a", "X: y", " Content-Length: 5"),
          host("white space before the first field", " X: y", "Host: a"),
          host("a space before the colon", "Host: a", "X : y"),
          host("no colon", "Host: a", "XY"),
          host("no name", "Host: a", ": y"),
          host("a control character in a name", "Host: a", "X\u0001: y"),
          host("a name beyond ASCII", "Host: a", "X\u00e9: y"),
          host("a bracket in a name", "Host: a", "X(: y"),
          host("NUL in a value", "Host: a", "X: y\u0000z"),
          host("a bare CR in a value", "Host: a", "X: y\rz"),
          host("a bare CR as a line's end", "Host: a\rX: y"),
          host("a bare LF as a line's end", "Host: a\nX: y"),
          new Row("bare LFs alone", 400, "GET / HTTP/1.1\nHost: a\n\n"),
          field("CL and TE", "Content-Length: 6", "Transfer-Encoding: chunked", "", "0", "", "G"),
          field(
              "TE and CL", "Transfer-Encoding: chunked", "Content-Length: 3", "", "8", "SMUGGLED"),
          field("two CLs", "Content-Length: 5", "Content-Length: 6", "", "hello"),
          head("two CLs of HTTP/1.0", "POST / HTTP/1.0", "Content-Length: 5", "Content-Length: 6"),
          head("a list of CLs of HTTP/1.0", "POST / HTTP/1.0", "Content-Length: 2, 40"),
          head(
              "CL and TE of HTTP/1.0",
              "POST / HTTP/1.0",
              "Content-Length: 2",
              "Transfer-Encoding: chunked"),
          field("the same CL twice", "Content-Length: 5", "Content-Length: 5", "", "hello"),
          field("a list of CLs", "Content-Length: 5, 5", "", "hello"),
          field("a negative CL", "Content-Length: -1"),
          field("a CL with a plus", "Content-Length: +5", "", "hello"),
          field("a CL in hexadecimal", "Content-Length: 0x5", "", "hello"),
          field("a CL with a space", "Content-Length: 1 0", "", "hello"),
          field("an empty CL", "Content-Length:"),
          field("a CL beyond all numbers", "Content-Length: 99999999999999999999"),
          field("a space before the colon of CL", "Content-Length : 5", "", "hello"),
          field("a space before the colon of TE", "Transfer-Encoding : chunked", "", "0", ""),
          field("an unknown TE", "Transfer-Encoding: gzip"),
          field("a TE with another coding", "Transfer-Encoding: gzip, chunked", "", "0", ""),
          field("identity", "Transfer-Encoding: identity"),
          field("chunked is not last", "Transfer-Encoding: chunked, identity", "", "0", ""),
          field("chunked twice", "Transfer-Encoding: chunked, chunked", "", "0", ""),
          field(
              "a TE and an empty one",
              "Transfer-Encoding: chunked",
              "Transfer-Encoding:",
              "",
              "0",
              ""),
          field("two TEs", "Transfer-Encoding: chunked", "Transfer-Encoding: x", "", "0", ""),
          field("two TEs, chunked last", "Transfer-Encoding: x", "Transfer-Encoding: chunked"),
          field("nearly chunked", "Transfer-Encoding: xchunked", "", "0", ""),
          field("chunked after a vertical tab", "Transfer-Encoding:\u000bchunked", "", "0", ""),
          field("chunked in quotes", "Transfer-Encoding: \"chunked\"", "", "0", ""),
          head("TE of HTTP/1.0", "POST / HTTP/1.0", "Transfer-Encoding: chunked", "", "0", ""),
          line("a target with a space", "GET /a b HTTP/1.1"),
          line("a target beyond ASCII", "GET /caf\u00e9 HTTP/1.1"),
          line("a target with a control character", "GET /a\u0001 HTTP/1.1"),
          line("a fragment", "GET /a#b HTTP/1.1"),
          line("a target without a slash", "GET a HTTP/1.1"),
          line("authority-form with GET", "GET h:80 HTTP/1.1"),
          line("an asterisk with GET", "GET * HTTP/1.1"),
          line("another scheme", "GET ftp://h/ HTTP/1.1"),
          line("an absolute target's scheme in its query", "GET x?y=://b/c HTTP/1.1"),
          head("two Hosts of HTTP/1.0", "GET / HTTP/1.0", "Host: a", "Host: b"),
          line("an absolute target without a host", "GET http:///x HTTP/1.1"),
          line("an absolute target with a user", "GET http://u:p@h/ HTTP/1.1"),
          line("no target", "GET HTTP/1.1"),
          line("two spaces", "GET  / HTTP/1.1"),
          line("a tab", "GET\t/ HTTP/1.1"),
          line("a space at the end", "GET / HTTP/1.1 "),
          line("a space at the start", " GET / HTTP/1.1"),
          line("a method that is no token", "G@T / HTTP/1.1"),
          line("a method beyond ASCII", "G\u00c9T / HTTP/1.1"),
          line("HTTP/0.9", "GET /"),
          new Row("HTTP/2.0", 505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
          new Row("HTTP/0.9 in words", 505, "GET / HTTP/0.9\r\nHost: h\r\n\r\n"),
          new Row("HTTP/9.9", 505, "GET / HTTP/9.9\r\nHost: h\r\n\r\n"),
          line("HTTP/1.10", "GET / HTTP/1.10"),
          line("a major version beyond all numbers", "GET / HTTP/4294967297.1"),
          line("a minor version beyond all numbers", "GET / HTTP/1.4294967297"),
          line("small letters in the version", "GET / http/1.1"),
          line("another protocol", "GET / RTSP/1.0"),
          new Row("HTTP/2 where it is not spoken", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
          new Row("TLS where it is not spoken", 400, "\u0016\u0003\u0001\u0000\u00a5\r\n\r\n"),
          new Row(
              "too long a line",
              414,
              "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: h\r\n\r\n"),
          new Row(
              "too large a head",
              431,
              "GET / HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(70_000) + "\r\n\r\n"));

  /** Of which Netty let some pass when it wrote a request line. */
  private static Stream<Row> controls() {
    return "\0\1\t\u000b\f\u001f\u007f"
        .chars()
        .mapToObj(each -> (char) each)
        .flatMap(
            each ->
                Stream.of(
                    line((int) each + " in a target", "GET /a" + each + "b HTTP/1.1"),
                    line((int) each + " in a method", "GE" + each + "T / HTTP/1.1"),
                    line((int) each + " behind a version", "GET / HTTP/1.1" + each),
                    host((int) each + " in a Host", "Host: h" + each + "i")));
  }

  private static final List<Row> BODIES =
      List.of(
          chunks("a size that is no number", "zz\r\nab\r\n0\r\n\r\n"),
          chunks("a size with a prefix", "0x2\r\nab\r\n0\r\n\r\n"),
          chunks("a negative size", "-2\r\nab\r\n0\r\n\r\n"),
          chunks("a size with a plus", "+2\r\nab\r\n0\r\n\r\n"),
          chunks("no size", "\r\nab\r\n0\r\n\r\n"),
          chunks("a space before a size", " 2\r\nab\r\n0\r\n\r\n"),
          chunks("a space after a size", "2 \r\nab\r\n0\r\n\r\n"),
          chunks("a size beyond all numbers", "ffffffffffffffff2\r\nab\r\n0\r\n\r\n"),
          chunks("a size of 2^32 + 2", "100000002\r\nab\r\n0\r\n\r\n"),
          chunks("a size line that ends with LF", "2\nab\r\n0\r\n\r\n"),
          chunks("a bare CR in an extension", "2;a\rb\r\nab\r\n0\r\n\r\n"),
          chunks("a bare LF in an extension", "2;a\nb\r\nab\r\n0\r\n\r\n"),
          chunks("more data than its size", "2\r\nabc\r\n0\r\n\r\n"),
          chunks("data that ends with LF", "2\r\nab\n0\r\n\r\n"),
          chunks("an extension without a name", "2;\r\nab\r\n0\r\n\r\n"),
          chunks("an extension of white space", "2; \r\nab\r\n0\r\n\r\n"),
          chunks("an extension with two values", "2;a=b\"c\"\r\nab\r\n0\r\n\r\n"),
          chunks("an extension without a name at the end", "2\r\nab\r\n0;\r\n\r\n"),
          chunks("a folded trailer", "2\r\nab\r\n0\r\nX: y\r\n z\r\n\r\n"),
          chunks("a trailer without a colon", "2\r\nab\r\n0\r\nXY\r\n\r\n"),
          chunks("a trailer with a space before the colon", "0\r\nX : y\r\n\r\n"));

  @Test
  void a_head_that_is_malformed_is_refused_and_nothing_is_forwarded() {
    start(two());
    Stream.concat(HEADS.stream(), controls()).forEach(this::assertRefused);
    assertThat(master.calls()).isEmpty();
  }

  @Test
  void a_body_that_is_malformed_is_refused_and_no_request_becomes_whole() {
    AtomicInteger whole = new AtomicInteger();
    start(two());
    master.script(
        call -> {
          call.body();
          whole.incrementAndGet();
          call.reply(200, "whole");
        });
    for (Row row : BODIES) {
      assertRefused(row);
      Await.until("no connection is left", () -> master.openConnections() == 0);
      assertThat(whole).as(row.name()).hasValue(0);
    }
  }

  /** What follows is a whole request: a reader past the malformed bytes would respond to it. */
  private void assertRefused(Row row) {
    RawClient client = raw();
    client.write(
        (row.raw() + "GET /after HTTP/1.1\r\nHost: h\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    Response response = client.response();
    assertThat(response.status()).as(row.name()).isEqualTo(row.status());
    assertThat(response.reset()).as(row.name()).isFalse();
    assertThat(client.isEnded()).as(row.name()).isTrue();
    client.close();
  }
}
