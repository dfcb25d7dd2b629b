package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What clients could send to a library that is below us, by its published advisories: none of it
 * reaches a server. What servers could send is in {@code ServerAdvisoriesTest}; the statement on
 * each advisory, which names its test, in {@code deploy/security/understudy.openvex.json}.
 */
class AdvisoriesTest {
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = new TestProxy(folder, TestProxy.ALL, TestProxy.tls(folder));
    proxy.requireLanesAsNamed();
  }

  /** Netty took the first of several lengths in HTTP/1.0. */
  @EachLane
  void lengths_of_http_1_0_that_differ_are_refused(String target) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("two", "Content-Length: 2\r\nContent-Length: 40\r\n");
    rows.put("two in one field", "Content-Length: 2, 40\r\n");
    rows.put("a length and chunks", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n");
    rows.forEach(
        (name, fields) ->
            assertRefused(
                name,
                "POST %s HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n%s\r\n"
                        .formatted(target, fields)
                    + "GET %ssmuggled HTTP/1.1\r\nHost: h\r\n\r\n".formatted(target)));
  }

  /** Netty let control characters other than CR, LF and SP pass when it wrote a request line. */
  @EachLane
  void control_characters_in_a_request_line_are_refused(String target) {
    for (char control : new char[] {0, 1, '\t', 0x0b, '\f', 0x1f, 0x7f}) {
      String name = "control character " + (int) control;
      assertRefused(name, "GET %sa%cb HTTP/1.1\r\nHost: h\r\n\r\n".formatted(target, control));
      assertRefused(name, "GE%cT %s HTTP/1.1\r\nHost: h\r\n\r\n".formatted(control, target));
      assertRefused(name, "GET %s HTTP/1.1%c\r\nHost: h\r\n\r\n".formatted(target, control));
      assertRefused(name, "GET %s HTTP/1.1\r\nHost: h%ci\r\n\r\n".formatted(target, control));
    }
  }

  /** Netty computed the number modulo 2^32. */
  @EachLane
  void a_version_beyond_all_numbers_is_refused(String target) {
    for (String version : new String[] {"HTTP/4294967297.1", "HTTP/1.4294967297"}) {
      assertRefused(version, "GET %s %s\r\nHost: h\r\n\r\n".formatted(target, version));
    }
  }

  private static void assertRefused(String name, String request) {
    int calls = proxy.server.calls().size();
    try (RawClient client = new RawClient(proxy.plainPort())) {
      client.write(request.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(client.response().status()).as(name).isIn(400, 505);
      assertThat(client.isEnded()).as(name).isTrue();
    }
    assertThat(proxy.server.calls()).as(name).hasSize(calls);
  }

  /** What HTTP/1 has no place for; a request line or a field of ours would end within it. */
  @EachLane
  void line_ends_and_control_characters_of_http_2_become_no_http_1(String target)
      throws IOException {
    for (String control : new String[] {"\r\n", "\n", "\r", "\0"}) {
      assertReset(target + "a HTTP/1.1" + control + "X: y", "GET", "x: y");
      assertReset(target, "GET / HTTP/1.1" + control + "X: y", "x: y");
      assertReset(target, "GET", "x: y" + control + "Content-Length: 9");
      assertReset(target, "GET", "x" + control + "y: z");
    }
    for (String control : new String[] {"\t", " ", "\u000b", "\u007f"}) {
      assertReset(target + "a" + control + "b", "GET", "x: y");
      assertReset(target, "GE" + control + "T", "x: y");
    }
  }

  /** Netty did not ask which way a pseudo-header field goes. */
  @EachLane
  void a_pseudo_header_field_of_responses_in_a_request_is_refused(String target)
      throws IOException {
    assertReset(target, "GET", ":status: 200");
    assertReset(target, "GET", ":unknown: x");
  }

  @EachLane
  void lengths_of_http_2_that_differ_are_refused(String target) throws IOException {
    assertReset(target, "GET", "content-length: 0, 5");
    assertReset(target, "GET", "content-length: 5");
  }

  private static void assertReset(String path, String method, String field) throws IOException {
    int calls = proxy.server.calls().size();
    try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings()) {
      client.head(
          1,
          true,
          ":method: " + method,
          ":scheme: https",
          ":authority: h.test",
          ":path: " + path,
          field);
      assertThat(refusal(client)).as(method + " " + path + " " + field).isTrue();
    }
    assertThat(proxy.server.calls()).hasSize(calls);
  }

  /** Whether the request's stream or connection is ended, or it is a bad one. */
  private static boolean refusal(RawHttp2 client) throws IOException {
    try {
      while (true) {
        Frame frame = client.read();
        if (frame.type() == RawHttp2.RST_STREAM || frame.type() == RawHttp2.GOAWAY) {
          return true;
        }
        if (frame.type() == RawHttp2.HEADERS) {
          return "400".contentEquals(frame.fields().status());
        }
      }
    } catch (EOFException | SocketException ended) {
      return true;
    }
  }

  /** Some of Netty's buffers without a pool did not; those of connections are others. */
  @Test
  void buffers_of_connections_check_their_bounds() {
    ByteBuf buffer = ByteBufAllocator.DEFAULT.ioBuffer(4, 4);
    try {
      Stream.<Runnable>of(
              () -> buffer.getByte(4),
              () -> buffer.getShort(3),
              () -> buffer.getUnsignedMedium(2),
              () -> buffer.getInt(1),
              () -> buffer.getLong(0),
              () -> buffer.getIntLE(1),
              () -> buffer.asReadOnly().getInt(1))
          .forEach(
              read -> assertThatThrownBy(read::run).isInstanceOf(IndexOutOfBoundsException.class));
    } finally {
      buffer.release();
    }
  }
}
