package dev.understudy;

import static dev.understudy.BesideRunning.BAD;
import static dev.understudy.BesideRunning.data;
import static dev.understudy.BesideRunning.join;
import static dev.understudy.BesideRunning.several;
import static dev.understudy.BesideRunning.trailers;
import static dev.understudy.TestProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import dev.understudy.testing.RawHttp2;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
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
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = TestProxy.secure(folder, "understudy.client.max-body=100KB");
  }

  @AfterEach
  void nobody_is_left() {
    proxy.rest();
  }

  /** Fields that a head has beside a request's, or one of them again; {@code $} is the target. */
  private static final String ADDED =
      """
      te: gzip
      connection: close
      keep-alive: timeout=5
      proxy-connection: keep-alive
      transfer-encoding: chunked
      upgrade: websocket
      X-Upper: 1
      x y: 1
      x: a\\nb
      x: a\\rb
      x: a\\0b
      x:  a
      x: a\\s
      x: \\ta
      x: a\\t
      :path: $other
      :method: PUT
      :unknown: 1
      :status: 200
      :protocol: websocket
      :protocol:\\s
      content-length: 1 ; content-length: 2
      content-length: x
      content-length: -1
      content-length: +5
      content-length: 0, 5
      x\\r\\ny: z
      x\\0y: z
      host: other.test
      host: h.test ; host: other.test
      """;

  /** Whole heads. */
  private static final String HEADS =
      """
      :method: CONNECT ; :authority: h.test ; :path: $bad ; :protocol: websocket
      :method: POST ; :scheme: https ; x: y ; :path: $bad
      :scheme: https ; :authority: h.test ; :path: $bad
      :method: POST ; :authority: h.test ; :path: $bad
      :method: POST ; :scheme: https ; :authority: h.test
      :method: POST ; :scheme: ftp ; :authority: h ; :path: $bad
      :method: POST ; :scheme:\\s ; :authority: h ; :path: $bad
      :method: POST ; :scheme: https ; :authority: u@h ; :path: $bad
      :method: POST ; :scheme: https ; :authority:\\s ; :path: $bad
      """;

  private static final List<String> PATHS =
      List.of(
          "",
          "*",
          "a",
          "?a",
          "http://evil.test$bad",
          "https://h.test$bad",
          "//evil.test /",
          "$bad#a",
          "$bad HTTP/1.1\\r\\nX: y",
          "$bad\\nb",
          "$bad\\rb",
          "$bad\\0b",
          "$bad\\tb",
          "$bad\u007fb",
          "$bad\u00e4");

  private static final List<String> METHODS =
      List.of(
          "",
          "GE T",
          "GET?",
          "GET/",
          "P\u00d6ST",
          "POST\\r\\nx: y",
          "GE\\nT",
          "GE\\rT",
          "GE\\0T",
          "GE\\tT");

  private static String head(String method, String path) {
    return ":method: " + method + " ; :scheme: https ; :authority: h.test ; :path: " + path;
  }

  /** With the number of the row; no field at all is a row too. */
  private static Stream<Arguments> malformed() {
    List<String> heads =
        Stream.of(
                ADDED.lines().map(fields -> head("POST", "$bad") + " ; " + fields),
                HEADS.lines(),
                PATHS.stream().map(path -> head("POST", path)),
                METHODS.stream().map(method -> head(method, "$bad")),
                Stream.of(""))
            .flatMap(each -> each)
            .toList();
    return Extent.byTurns(
        IntStream.range(0, heads.size())
            .boxed()
            .flatMap(i -> LANES.stream().map(lane -> Arguments.of(lane, i, heads.get(i)))));
  }

  private static String[] fields(String head, String target) {
    return head.isEmpty()
        ? new String[0]
        : head.replace("$", target).translateEscapes().split(" ; ");
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

  /** What follows goes round in the gate. */
  @ParameterizedTest
  @MethodSource("malformed")
  void a_malformed_request_ends_its_stream_alone(String lane, int row, String head)
      throws IOException {
    List<Rest> rests = new ArrayList<>(List.of(Rest.values()));
    Collections.rotate(rests, row);
    for (Rest rest : Extent.sample(rests)) {
      try (BesideRunning beside = new BesideRunning(proxy, lane)) {
        byte[] sent = BesideRunning.head(BAD, rest.ended, fields(head, lane));
        if (rest.isLate()) {
          beside.client.bytes(sent);
          beside.readUntilOver(BAD);
          beside.client.bytes(rest.frames);
        } else {
          beside.client.bytes(join(sent, rest.frames));
        }
        beside.othersAreServed();
        if (rest != Rest.A_RESET_WITH_IT) {
          assertThat(beside.wasRefused(BAD)).as("%s", rest).isTrue();
        }
        assertThat(beside.errors(BAD))
            .as("%s", rest)
            .allMatch(error -> error == Http2Error.PROTOCOL_ERROR || error == Http2Error.NO_ERROR);
        assertThat(beside.forwarded()).isEmpty();
      }
    }
  }
}
