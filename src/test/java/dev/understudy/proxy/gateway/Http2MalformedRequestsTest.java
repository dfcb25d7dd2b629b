package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Http2Client;
import dev.understudy.testing.Response;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
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
   * @param body sent after it; null: none
   */
  private record Row(String name, Http2Headers head, @Nullable String body) {}

  /**
   * One by its difference from a good head.
   *
   * @param fields {@code name: value}, in order, pseudo-fields among them; {@code -name}: without
   *     it; {@code =name: value}: instead of the good value
   */
  private static Row row(String name, @Nullable String body, String... fields) {
    Map<String, String> good = new LinkedHashMap<>();
    good.put(":method", body == null ? "GET" : "POST");
    good.put(":scheme", "https");
    good.put(":authority", "h");
    good.put(":path", "/");
    Http2Headers head = new DefaultHttp2Headers(false);
    Http2Headers more = new DefaultHttp2Headers(false);
    for (String field : fields) {
      int colon = field.indexOf(':', field.startsWith("=") ? 2 : 1);
      if (field.startsWith("-")) {
        good.remove(field.substring(1));
      } else if (field.startsWith("=")) {
        good.put(field.substring(1, colon), field.substring(colon + 1).strip());
      } else {
        more.add(field.substring(0, colon), field.substring(colon + 1).trim());
      }
    }
    good.forEach(head::add);
    return new Row(name, head.add(more), body);
  }

  private static Row head(String name, String... fields) {
    return row(name, null, fields);
  }

  private static Row path(String name, String path) {
    return row(name, null, "=:path: " + path);
  }

  private static final List<Row> ROWS =
      List.of(
          head("a name with a capital", "X-Upper: 1"),
          head("a name with a space", "x y: 1"),
          head("a value with NUL", "x: a\u0000b"),
          head("a value with a line's end", "x: a\r\ny: b"),
          head("connection", "connection: close"),
          head("keep-alive", "keep-alive: timeout=5"),
          head("proxy-connection", "proxy-connection: keep-alive"),
          head("upgrade", "upgrade: websocket"),
          head("transfer-encoding", "transfer-encoding: chunked"),
          head("te other than trailers", "te: gzip"),
          head("a pseudo-field twice", ":path: /other"),
          head("an unknown pseudo-field", ":unknown: 1"),
          head("a pseudo-field of answers", ":status: 200"),
          head("a host that is not the authority", "host: other"),
          head("two hosts", "host: h", "host: other"),
          head("no method", "-:method"),
          head("no path", "-:path"),
          head("no scheme", "-:scheme"),
          head("no authority", "-:authority"),
          path("an empty path", ""),
          path("a path without slash", "a"),
          path("a path with a space", "/a b"),
          path("a path with a line's end", "/a HTTP/1.1\r\nx: y"),
          path("a path with a fragment", "/#a"),
          path("an asterisk with GET", "*"),
          head("a method that is no token", "=:method: G T"),
          head("an authority with a user", "=:authority: u@h"),
          row("less than its content-length", "ab", "content-length: 5"),
          row("more than its content-length", "abcdef", "content-length: 5"),
          row("two content-lengths", "abcde", "content-length: 5", "content-length: 6"),
          row("a content-length that is no number", "abcde", "content-length: +5"));

  @Test
  void a_malformed_request_is_refused_and_nothing_is_forwarded() {
    start(two());
    master.script(
        call -> {
          call.body();
          call.reply(200, "whole");
        });
    for (Row row : ROWS) {
      int before = master.calls().size();
      Http2Client client = (Http2Client) client();
      client.head(row.head(), row.body() == null);
      if (row.body() != null) {
        client.body(row.body()).end();
      }
      Response response = client.response();
      assertThat(response.status()).as(row.name()).isIn(0, 400);
      assertThat(response.status() == 400 || response.reset()).as(row.name()).isTrue();
      // A head may be under way before a body turns out to be wrong.
      assertThat(seen.outcomes).as(row.name()).noneMatch(each -> each.status() == 200);
      if (row.body() == null) {
        assertThat(master.calls()).as(row.name()).hasSize(before);
      }
      client.close();
    }
  }
}
