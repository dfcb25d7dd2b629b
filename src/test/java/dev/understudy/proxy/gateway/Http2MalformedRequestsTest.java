package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Http2Client;
import dev.understudy.testing.Response;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HTTP/2 that is malformed (RFC 9113 §8.1.1, §8.2, §8.3): the stream is answered with 400 or reset,
 * and no server sees it.
 */
@ParameterizedClass
@MethodSource("http2")
class Http2MalformedRequestsTest extends LaneProtocolTable {

  /**
   * A head that is wrong.
   *
   * @param fields {@code name: value}, in order, pseudo-fields among them
   * @param body sent after it; null: none
   */
  record Row(String name, String body, String... fields) {
    @Override
    public String toString() {
      return name;
    }

    Http2Headers headers() {
      Http2Headers headers = new DefaultHttp2Headers(false);
      for (String field : fields) {
        int colon = field.indexOf(':', 1);
        headers.add(field.substring(0, colon), field.substring(colon + 1).trim());
      }
      return headers;
    }
  }

  private static Row with(String name, String... fields) {
    String[] all = new String[fields.length + 4];
    all[0] = ":method: GET";
    all[1] = ":scheme: https";
    all[2] = ":authority: h";
    all[3] = ":path: /";
    System.arraycopy(fields, 0, all, 4, fields.length);
    return new Row(name, null, all);
  }

  private static Row only(String name, String... fields) {
    return new Row(name, null, fields);
  }

  static final List<Row> ROWS =
      List.of(
          with("a name with a capital", "X-Upper: 1"),
          with("a name with a space", "x y: 1"),
          with("a value with NUL", "x: a\u0000b"),
          with("a value with a line's end", "x: a\r\ny: b"),
          with("connection", "connection: close"),
          with("keep-alive", "keep-alive: timeout=5"),
          with("proxy-connection", "proxy-connection: keep-alive"),
          with("upgrade", "upgrade: websocket"),
          with("transfer-encoding", "transfer-encoding: chunked"),
          with("te other than trailers", "te: gzip"),
          with("a pseudo-field twice", ":path: /other"),
          with("an unknown pseudo-field", ":unknown: 1"),
          with("a pseudo-field of answers", ":status: 200"),
          with("a host that is not the authority", "host: other"),
          with("two hosts", "host: h", "host: other"),
          only("no method", ":scheme: https", ":authority: h", ":path: /"),
          only("no path", ":method: GET", ":scheme: https", ":authority: h"),
          only("no scheme", ":method: GET", ":authority: h", ":path: /"),
          only("no authority", ":method: GET", ":scheme: https", ":path: /"),
          only("an empty path", ":method: GET", ":scheme: https", ":authority: h", ":path: "),
          only(
              "a path without slash",
              ":method: GET",
              ":scheme: https",
              ":authority: h",
              ":path: a"),
          only(
              "a path with a space",
              ":method: GET",
              ":scheme: https",
              ":authority: h",
              ":path: /a b"),
          only(
              "a path with a line's end",
              ":method: GET",
              ":scheme: https",
              ":authority: h",
              ":path: /a HTTP/1.1\r\nx: y"),
          only(
              "a path with a fragment",
              ":method: GET",
              ":scheme: https",
              ":authority: h",
              ":path: /#a"),
          only(
              "an asterisk with GET",
              ":method: GET",
              ":scheme: https",
              ":authority: h",
              ":path: *"),
          only(
              "a method that is no token",
              ":method: G T",
              ":scheme: https",
              ":authority: h",
              ":path: /"),
          only(
              "an authority with a user",
              ":method: GET",
              ":scheme: https",
              ":authority: u@h",
              ":path: /"),
          new Row(
              "less than its content-length",
              "ab",
              ":method: POST",
              ":scheme: https",
              ":authority: h",
              ":path: /",
              "content-length: 5"),
          new Row(
              "more than its content-length",
              "abcdef",
              ":method: POST",
              ":scheme: https",
              ":authority: h",
              ":path: /",
              "content-length: 5"),
          new Row(
              "two content-lengths",
              "abcde",
              ":method: POST",
              ":scheme: https",
              ":authority: h",
              ":path: /",
              "content-length: 5",
              "content-length: 6"),
          new Row(
              "a content-length that is no number",
              "abcde",
              ":method: POST",
              ":scheme: https",
              ":authority: h",
              ":path: /",
              "content-length: +5"));

  @ParameterizedTest
  @FieldSource("ROWS")
  void a_malformed_request_is_refused_and_nothing_is_forwarded(Row row) {
    start(two());
    master.script(
        call -> {
          call.body();
          call.reply(200, "whole");
        });
    Http2Client client = (Http2Client) client();
    client.head(row.headers(), row.body() == null);
    if (row.body() != null) {
      client.body(row.body()).end();
    }
    Response response = client.response();
    assertThat(response.status()).isIn(0, 400);
    assertThat(response.status() == 400 || response.reset()).isTrue();
    // A head may be under way before a body turns out to be wrong.
    assertThat(seen.outcomes.stream().noneMatch(each -> each.status() == 200)).isTrue();
    if (row.body() == null) {
      assertThat(master.calls()).isEmpty();
    }
  }
}
