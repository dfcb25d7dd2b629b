package dev.understudy;

import static dev.understudy.BesideRunning.BAD;
import static dev.understudy.BesideRunning.data;
import static dev.understudy.BesideRunning.fields;
import static dev.understudy.BesideRunning.join;
import static dev.understudy.BesideRunning.several;
import static dev.understudy.BesideRunning.trailers;
import static dev.understudy.TestProxy.LANES;
import static dev.understudy.testing.RawHttp2.HEADERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawHttp2;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HTTP/2 streams that end early, by us, the client or the server: others go on, and a response of
 * ours reaches a client that is still sending (RFC 9113 §8.1).
 */
class Http2StreamEndsTest {
  private static final int ENDED = RawHttp2.END_STREAM | RawHttp2.END_HEADERS;
  private static final int EXCLUSIVE = 0x80;

  /** Of HEADERS: a dependency and a weight come before the block (RFC 9113 §6.2). */
  private static final int PRIORITY = 0x20;

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        TestProxy.secure(
            folder,
            "understudy.client.max-body=20KB",
            "understudy.client.max-headers=20",
            "understudy.client.max-header-size=4KB",
            "understudy.client.max-request-line=1KB",
            "understudy.client.idle=2s");
  }

  @AfterEach
  void nobody_is_left() {
    proxy.rest();
  }

  /** What happens on a stream. */
  @FunctionalInterface
  private interface Deed {
    void by(RawHttp2 client, String lane) throws IOException;
  }

  private record Row(String name, List<String> statuses, Deed deed) {}

  private static Row row(String name, String statuses, Deed deed) {
    return new Row(name, List.of(statuses.split(" ")), deed);
  }

  // ------------------------------------------------------------ responses of ours

  private static final List<Row> REFUSED =
      List.of(
          row("400", "400", (c, t) -> c.head(BAD, false, head("a b", t)).bytes(much())),
          row(
              "404",
              "404",
              (c, t) -> c.head(BAD, false, head("h", "/none")).bytes(data(BAD, 9, false))),
          row(
              "413 by its length",
              "413",
              (c, t) -> c.post(BAD, t, "content-length: 100000").bytes(much())),
          row("413 by its body", "413", (c, t) -> c.post(BAD, t).bytes(much())),
          row("414", "414", (c, t) -> c.post(BAD, t + "a".repeat(1024)).bytes(much())),
          row("431 by number", "431", (c, t) -> c.post(BAD, t, fields(30, 1)).bytes(much())),
          row("431 by size", "431", (c, t) -> c.post(BAD, t, fields(10, 420)).bytes(much())),
          row("405", "405", (c, t) -> c.head(BAD, false, connect()).bytes(much())),
          row("408", "408", (c, t) -> c.post(BAD, t).bytes(data(BAD, 9, false))));

  private static String[] head(String authority, String path) {
    return new String[] {
      ":method: POST", ":scheme: https", ":authority: " + authority, ":path: " + path
    };
  }

  private static String[] connect() {
    return new String[] {":method: CONNECT", ":authority: h.test:443"};
  }

  /** More than {@code max-body}, and no more than a window. */
  private static byte[] much() {
    return several(4, data(BAD, 16_000, false));
  }

  static Stream<Arguments> refused() {
    return rows(REFUSED);
  }

  private static Stream<Arguments> rows(List<Row> rows) {
    return LANES.stream()
        .flatMap(
            lane ->
                rows.stream().map(row -> Arguments.argumentSet(row.name + ", " + lane, lane, row)));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void a_local_response_reaches_a_client_that_still_sends(String lane, Row row) throws IOException {
    try (BesideRunning beside = new BesideRunning(proxy, lane)) {
      row.deed.by(beside.client, lane);
      beside.readUntilOver(BAD);
      assertThat(beside.status(BAD)).isIn(row.statuses);
      if (!row.name.endsWith("length")) {
        beside.client.bytes(data(BAD, 100, false)).bytes(trailers(BAD));
      }
      beside.othersAreServed();
      assertThat(beside.errors(BAD)).allMatch(error -> error == Http2Error.NO_ERROR);
    }
  }

  // ------------------------------------------------------------ streams that break

  private static final List<Row> BROKEN =
      List.of(
          row(
              "fewer bytes than its length",
              "400 reset",
              (c, t) -> c.post(BAD, t, "content-length: 5").bytes(data(BAD, 4, true))),
          row(
              "more bytes than its length",
              "400 reset",
              (c, t) ->
                  c.post(BAD, t, "content-length: 5")
                      .bytes(data(BAD, 6, false))
                      .bytes(data(BAD, 6, false))
                      .bytes(trailers(BAD))),
          row(
              "a length, and no body",
              "400 reset",
              (c, t) ->
                  c.head(
                      BAD,
                      true,
                      ":method: POST",
                      ":scheme: https",
                      ":authority: h",
                      ":path: " + t,
                      "content-length: 5")),
          row("a pseudo-field in trailers", "reset", badTrailers(":path: /other")),
          row("an unknown pseudo-field in trailers", "400 reset", badTrailers(":x: /")),
          row("a capital in trailers", "400 reset", badTrailers("X: y")),
          row(":protocol in trailers", "400 reset", badTrailers(":protocol: websocket")),
          row("te in trailers", "400 reset", badTrailers("te: gzip")),
          row("connection in trailers", "400 reset", badTrailers("connection: close")),
          row("a line's end in trailers", "400 reset", badTrailers("x: a\r\nb")),
          row("a space in trailers", "400 reset", badTrailers("x: a ")),
          row("large trailers", "431 400 reset", badTrailers(fields(10, 420))),
          row(
              "trailers without an end",
              "400 reset",
              (c, t) ->
                  c.post(BAD, t)
                      .bytes(data(BAD, 4, false))
                      .head(BAD, false, "x: y")
                      .bytes(data(BAD, 4, true))),
          row(
              "a window that opens by nothing",
              "reset",
              (c, t) -> c.post(BAD, t).window(BAD, 0).bytes(data(BAD, 4, true))),
          row("a reset by its client", "none", (c, t) -> c.post(BAD, t).reset(BAD, 8)),
          row(
              "a stream that depends on itself",
              "reset",
              (c, t) ->
                  c.post(BAD, t)
                      .frame(2, 0, BAD, new byte[] {0, 0, 0, BAD, 5})
                      .bytes(data(BAD, 4, true))),
          row("a head that depends on its own stream", "reset", dependent(0)),
          row("the same, exclusively", "reset", dependent(EXCLUSIVE)),
          row("the same, with padding", "reset", (c, t) -> c.bytes(padded(ownDependent(0, t)))),
          row("the same, in two frames", "reset", (c, t) -> c.bytes(divided(ownDependent(0, t)))),
          row("the same, byte by byte", "reset", (c, t) -> single(c, ownDependent(0, t))),
          row(
              "trailers that depend on their own stream",
              "reset",
              (c, t) ->
                  c.post(BAD, t)
                      .bytes(data(BAD, 4, false))
                      .frame(HEADERS, ENDED | PRIORITY, BAD, onItself(0, "x: y"))),
          row(
              "a malformed head that depends on its own stream",
              "reset",
              (c, t) ->
                  c.frame(HEADERS, ENDED | PRIORITY, BAD, onItself(0, ":path: " + t, "X: y"))));

  private static Deed dependent(int exclusive) {
    return (c, t) -> c.frame(HEADERS, ENDED | PRIORITY, BAD, ownDependent(exclusive, t));
  }

  /** A whole request's head, as the payload of a frame. */
  private static byte[] ownDependent(int exclusive, String path) {
    return onItself(exclusive, head("h.test", path));
  }

  private static byte[] onItself(int exclusive, String... fields) {
    return join(new byte[] {(byte) exclusive, 0, 0, BAD, 16}, RawHttp2.block(fields));
  }

  private static byte[] padded(byte[] payload) {
    return RawHttp2.encode(
        HEADERS,
        ENDED | PRIORITY | RawHttp2.PADDED,
        BAD,
        join(new byte[] {3}, payload, new byte[3]));
  }

  private static byte[] divided(byte[] payload) {
    int middle = payload.length - 4;
    return join(
        RawHttp2.encode(
            HEADERS, RawHttp2.END_STREAM | PRIORITY, BAD, Arrays.copyOf(payload, middle)),
        RawHttp2.encode(
            RawHttp2.CONTINUATION,
            RawHttp2.END_HEADERS,
            BAD,
            Arrays.copyOfRange(payload, middle, payload.length)));
  }

  private static void single(RawHttp2 client, byte[] payload) throws IOException {
    for (byte each : RawHttp2.encode(HEADERS, ENDED | PRIORITY, BAD, payload)) {
      client.bytes(new byte[] {each});
    }
  }

  private static Deed badTrailers(String... fields) {
    return (c, t) ->
        c.post(BAD, t).bytes(data(BAD, 4, false)).head(BAD, true, fields).window(BAD, 5);
  }

  static Stream<Arguments> broken() {
    return rows(BROKEN);
  }

  @ParameterizedTest
  @MethodSource("broken")
  void a_stream_that_breaks_costs_no_other(String lane, Row row) throws IOException {
    try (BesideRunning beside = new BesideRunning(proxy, lane)) {
      row.deed.by(beside.client, lane);
      if (!row.statuses.contains("none")) {
        beside.readUntilOver(BAD);
        String status = beside.status(BAD);
        assertThat(status == null ? "reset" : status).isIn(row.statuses);
      }
      beside.othersAreServed();
      assertThat(beside.errors(BAD)).doesNotContain(Http2Error.INTERNAL_ERROR);
    }
  }

  @EachLane
  void a_response_that_breaks_off_resets_its_stream_alone(String lane) throws IOException {
    try (BesideRunning beside = new BesideRunning(proxy, lane)) {
      beside.client.get(BAD, lane + "breaks");
      beside.readUntilOver(BAD);
      assertThat(beside.errors(BAD)).containsExactly(Http2Error.CANCEL);
      beside.othersAreServed();
    }
  }

  /** A client may open as many before it has read what it may (RFC 9113 §5.1.2). */
  @EachLane
  void streams_beyond_the_limit_are_refused_with_their_bodies(String lane) throws IOException {
    try (BesideRunning beside = new BesideRunning(proxy, lane)) {
      for (int i = 0; i < 105; i++) {
        int id = 101 + 2 * i;
        beside.client.post(id, lane + "next").bytes(data(id, 100, i > 99));
      }
      int first = 101 + 2 * 99;
      int last = 101 + 2 * 104;
      for (int refused = first; refused <= last; refused += 2) {
        beside.readUntilOver(refused);
        assertThat(beside.errors(refused)).containsExactly(Http2Error.REFUSED_STREAM);
      }
      for (int i = 0; i < 99; i++) {
        beside.client.bytes(data(101 + 2 * i, 0, true));
      }
      for (int i = 0; i < 99; i++) {
        beside.readUntilOver(101 + 2 * i);
        assertThat(beside.status(101 + 2 * i)).isEqualTo("200");
      }
      beside.othersAreServed(last + 2);
    }
  }

  /** What is dropped is given back: many times a connection's window in all. */
  @Test
  void dropped_data_takes_nothing_from_the_window_of_the_connection() throws IOException {
    try (BesideRunning beside = new BesideRunning(proxy, "/express/")) {
      for (int i = 0; i < 10; i++) {
        int id = 101 + 2 * i;
        beside.client.post(id, "/express/", "te: gzip");
        beside.readUntilOver(id);
        beside.client.bytes(several(4, data(id, 16_000, false)));
        // As long as the window is given back.
        beside.client.frame(RawHttp2.PING, 0, 0, new byte[8]).read(RawHttp2.PING);
      }
      beside.othersAreServed(501);
    }
  }

  /** More than its window can have held: it has not stopped. */
  @Test
  void a_client_that_goes_on_for_good_is_ended() throws IOException {
    try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings()) {
      client.post(1, "/express/", "te: gzip");
      try {
        for (int i = 0; i < 100_000; i++) {
          client.bytes(several(10, data(1, 16_000, false)));
        }
      } catch (IOException ended) {
        return;
      }
      throw new AssertionError("it takes whatever comes");
    }
  }
}
