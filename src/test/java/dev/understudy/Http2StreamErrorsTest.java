package dev.understudy;

import static dev.understudy.BesideRunning.BAD;
import static dev.understudy.BesideRunning.data;
import static dev.understudy.BesideRunning.head;
import static dev.understudy.BesideRunning.join;
import static dev.understudy.BesideRunning.several;
import static dev.understudy.BesideRunning.trailers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawHttp2;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One bad HTTP/2 stream never costs another (RFC 9113 §5.4.2, §8.1.1): beside a request that runs,
 * a malformed one is refused, whatever of it is still under way is tolerated (§5.1), the
 * connection's window is given back, and the next request is served.
 */
@Tag(Extent.FULL)
class Http2StreamErrorsTest {
  private static final String[] LANES = {"/express/", "/gateway/"};

  private static SecureProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = new SecureProxy(folder, "understudy.client.max-body=100KB");
  }

  @AfterAll
  static void stop() {
    proxy.close();
  }

  @AfterEach
  void nobody_is_left() {
    Await.until("no client is connected", () -> proxy.connections() == 0);
    proxy.server.script(call -> call.reply(200, "server"));
  }

  /**
   * A request with something wrong in its head.
   *
   * @param fields {@code name: value}, pseudo-fields among them; {@code $} is the target
   */
  private record Head(String name, String... fields) {
    String[] to(String target) {
      return Arrays.stream(fields).map(f -> f.replace("$", target)).toArray(String[]::new);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Head with(String... fields) {
    String[] all = new String[fields.length + 4];
    all[0] = ":method: POST";
    all[1] = ":scheme: https";
    all[2] = ":authority: h.test";
    all[3] = ":path: $bad";
    System.arraycopy(fields, 0, all, 4, fields.length);
    return new Head(String.join(", ", fields).replace('\0', '0'), all);
  }

  private static Head only(String name, String... fields) {
    return new Head(name, fields);
  }

  private static Head at(String path) {
    return only(
        ":path: " + path,
        ":method: POST",
        ":scheme: https",
        ":authority: h.test",
        ":path: " + path);
  }

  private static Head by(String method) {
    return only(
        ":method: " + method,
        ":method: " + method,
        ":scheme: https",
        ":authority: h.test",
        ":path: $bad");
  }

  private static final List<Head> MALFORMED =
      List.of(
          with("te: gzip"),
          with("connection: close"),
          with("keep-alive: timeout=5"),
          with("proxy-connection: keep-alive"),
          with("transfer-encoding: chunked"),
          with("upgrade: websocket"),
          with("X-Upper: 1"),
          with("x y: 1"),
          with("x: a\nb"),
          with("x: a\rb"),
          with("x: a\0b"),
          with("x:  a"),
          with("x: a "),
          with("x: \ta"),
          with("x: a\t"),
          with(":path: $other"),
          with(":method: PUT"),
          with(":unknown: 1"),
          with(":status: 200"),
          with(":protocol: websocket"),
          with(":protocol: "),
          only(
              "an extended CONNECT without a scheme",
              ":method: CONNECT",
              ":authority: h.test",
              ":path: $bad",
              ":protocol: websocket"),
          with("content-length: 1", "content-length: 2"),
          with("content-length: x"),
          with("content-length: -1"),
          with("host: other.test"),
          with("host: h.test", "host: other.test"),
          only("a pseudo-field last", ":method: POST", ":scheme: https", "x: y", ":path: $bad"),
          only("no method", ":scheme: https", ":authority: h.test", ":path: $bad"),
          only("no scheme", ":method: POST", ":authority: h.test", ":path: $bad"),
          only("no path", ":method: POST", ":scheme: https", ":authority: h.test"),
          only("no field", new String[0]),
          only(":scheme: ftp", ":method: POST", ":scheme: ftp", ":authority: h", ":path: $bad"),
          only(":scheme: ", ":method: POST", ":scheme: ", ":authority: h", ":path: $bad"),
          only("a user", ":method: POST", ":scheme: https", ":authority: u@h", ":path: $bad"),
          only("an empty host", ":method: POST", ":scheme: https", ":authority: ", ":path: $bad"),
          at(""),
          at("*"),
          at("a"),
          at("?a"),
          at("http://evil.test$bad"),
          at("https://h.test$bad"),
          at("//evil.test /"),
          at("$bad#a"),
          at("$bad\u00e4"),
          by(""),
          by("GE T"),
          by("GET?"),
          by("GET/"),
          by("P\u00d6ST"),
          by("POST\r\nx: y"));

  private static Stream<Arguments> malformed() {
    return Extent.byTurns(
        MALFORMED.stream().flatMap(head -> Stream.of(LANES).map(lane -> Arguments.of(lane, head))));
  }

  /** What follows a head that does not end its stream. */
  private enum Rest {
    NONE(true),
    DATA_WITH_IT(false, data(BAD, 10, true)),
    MUCH_WITH_IT(
        false,
        data(BAD, 16_000, false),
        data(BAD, 0, false),
        data(BAD, 16_000, false),
        data(BAD, 16_000, false),
        RawHttp2.encode(RawHttp2.WINDOW_UPDATE, 0, BAD, new byte[] {0, 0, 0, 9}),
        trailers(BAD)),
    A_RESET_WITH_IT(
        false,
        data(BAD, 10, false),
        RawHttp2.encode(RawHttp2.RST_STREAM, 0, BAD, new byte[] {0, 0, 0, 8})),
    DATA_AFTER_OUR_ANSWER(false, data(BAD, 10, false), data(BAD, 10, true)),
    MANY_AFTER_OUR_ANSWER(false, several(1_000, data(BAD, 10, false)), trailers(BAD)),
    A_RESET_AFTER_OUR_ANSWER(
        false,
        RawHttp2.encode(RawHttp2.WINDOW_UPDATE, 0, BAD, new byte[] {0, 0, 0, 9}),
        RawHttp2.encode(RawHttp2.RST_STREAM, 0, BAD, new byte[] {0, 0, 0, 8}));

    private final boolean ended;
    private final byte[] frames;

    Rest(boolean ended, byte[]... frames) {
      this.ended = ended;
      this.frames = join(frames);
    }

    boolean isLate() {
      return name().endsWith("AFTER_OUR_ANSWER");
    }
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void a_malformed_request_ends_its_stream_alone(String lane, Head head) throws IOException {
    for (Rest rest : Rest.values()) {
      try (BesideRunning beside = new BesideRunning(proxy, lane)) {
        byte[] sent = head(BAD, rest.ended, head.to(lane));
        if (rest.isLate()) {
          beside.client.bytes(sent);
          beside.readUntilOver(BAD);
          beside.client.bytes(rest.frames);
        } else {
          beside.client.bytes(join(sent, rest.frames));
        }
        beside.othersAreServed();
        if (rest != Rest.A_RESET_WITH_IT) {
          assertThat(beside.wasRefused(BAD)).as("%s, %s", head, rest).isTrue();
        }
        assertThat(beside.errors(BAD))
            .as("%s, %s", head, rest)
            .allMatch(error -> error == Http2Error.PROTOCOL_ERROR || error == Http2Error.NO_ERROR);
        assertThat(beside.forwarded()).isEmpty();
      }
    }
  }
}
