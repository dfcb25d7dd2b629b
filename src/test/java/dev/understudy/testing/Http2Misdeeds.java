package dev.understudy.testing;

import static dev.understudy.testing.RawHttp2.ACK;
import static dev.understudy.testing.RawHttp2.CONTINUATION;
import static dev.understudy.testing.RawHttp2.DATA;
import static dev.understudy.testing.RawHttp2.END_HEADERS;
import static dev.understudy.testing.RawHttp2.END_STREAM;
import static dev.understudy.testing.RawHttp2.GOAWAY;
import static dev.understudy.testing.RawHttp2.HEADERS;
import static dev.understudy.testing.RawHttp2.PADDED;
import static dev.understudy.testing.RawHttp2.PING;
import static dev.understudy.testing.RawHttp2.RST_STREAM;
import static dev.understudy.testing.RawHttp2.SETTINGS;
import static dev.understudy.testing.RawHttp2.block;
import static dev.understudy.testing.RawHttp2.encode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a hostile client may do over HTTP/2, after its preface and first settings. */
public enum Http2Misdeeds {
  // RFC 9113 §4 and §6: frames.
  BYTES_THAT_ARE_NO_FRAMES(
      (c, t) -> c.bytes("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII))),
  A_FRAME_THAT_IS_TOO_LARGE((c, t) -> c.get(1, t).frame(DATA, 0, 1, new byte[20_000])),
  PADDING_LONGER_THAN_DATA((c, t) -> c.post(1, t).frame(DATA, PADDED, 1, new byte[] {9, 1})),
  PADDING_WITHOUT_A_LENGTH((c, t) -> c.post(1, t).frame(DATA, PADDED, 1, new byte[0])),
  PADDING_LONGER_THAN_A_HEAD(
      (c, t) -> c.frame(HEADERS, PADDED | END_HEADERS, 1, new byte[] {9, 1})),
  AN_UNKNOWN_FRAME_ON_A_STREAM_THAT_IS_NONE((c, t) -> c.frame(99, 0, 7, new byte[3])),
  A_PUSH_PROMISE((c, t) -> c.get(1, t).frame(5, END_HEADERS, 1, new byte[] {0, 0, 0, 2})),
  A_SHORT_PRIORITY((c, t) -> c.frame(2, 0, 1, new byte[3])),
  A_STREAM_THAT_DEPENDS_ON_ITSELF((c, t) -> c.frame(2, 0, 1, new byte[] {0, 0, 0, 1, 5})),
  A_SHORT_PING((c, t) -> c.frame(PING, 0, 0, new byte[7])),
  A_PING_ON_A_STREAM((c, t) -> c.frame(PING, 0, 1, new byte[8])),
  ANSWERS_TO_PINGS_THAT_WERE_NONE((c, t) -> c.frame(PING, ACK, 0, new byte[8])),

  // Settings.
  A_SHORT_SETTING((c, t) -> c.frame(SETTINGS, 0, 0, new byte[5])),
  SETTINGS_ON_A_STREAM((c, t) -> c.frame(SETTINGS, 0, 1, new byte[0])),
  SETTINGS_THAT_ACKNOWLEDGE_TOO_MUCH(
      (c, t) ->
          c.frame(SETTINGS, ACK, 0, new byte[0])
              .frame(SETTINGS, ACK, 0, new byte[0])
              .frame(SETTINGS, ACK, 0, new byte[0])),
  A_PUSH_SETTING_OF_TWO((c, t) -> c.settings(2, 2)),
  A_WINDOW_SETTING_THAT_IS_TOO_LARGE((c, t) -> c.settings(4, -1)),
  A_FRAME_SIZE_SETTING_THAT_IS_TOO_SMALL((c, t) -> c.settings(5, 1)),
  SETTINGS_OVER_AND_OVER((c, t) -> many(c, 5_000, encode(SETTINGS, 0, 0, new byte[0]))),

  // Streams.
  AN_EVEN_STREAM((c, t) -> c.get(2, t)),
  A_STREAM_OF_NUMBER_ZERO((c, t) -> c.get(0, t)),
  AN_EARLIER_STREAM((c, t) -> c.get(5, t).get(3, t)),
  DATA_ON_NO_STREAM((c, t) -> c.frame(DATA, 0, 9, new byte[3])),
  DATA_AFTER_THE_END((c, t) -> c.get(1, t).frame(DATA, 0, 1, new byte[3])),
  DATA_ON_A_STREAM_THAT_IS_CLOSED(
      (c, t) -> {
        c.get(1, t).reset(1, 8);
        c.frame(DATA, 0, 1, new byte[3]).frame(DATA, END_STREAM, 1, new byte[3]);
      }),
  DATA_ON_A_STREAM_THAT_WAS_ANSWERED(
      (c, t) -> {
        c.get(1, t).read(DATA, 1);
        c.frame(DATA, 0, 1, new byte[3]);
      }),
  A_HEAD_AFTER_THE_END((c, t) -> c.get(1, t).get(1, t)),
  A_RESET_OF_NO_STREAM((c, t) -> c.reset(9, 8)),
  A_SHORT_RESET((c, t) -> c.get(1, t).frame(RST_STREAM, 0, 1, new byte[2])),
  RESETS_OVER_AND_OVER(
      (c, t) -> {
        for (int i = 1; i < 2_000; i += 2) {
          c.get(i, t).reset(i, 8);
        }
      }),
  MORE_STREAMS_THAN_MAY_BE(
      (c, t) -> {
        for (int i = 1; i < 1_000; i += 2) {
          c.post(i, t);
        }
      }),

  // Windows.
  A_WINDOW_THAT_OPENS_BY_NOTHING((c, t) -> c.get(1, t).window(1, 0)),
  A_CONNECTION_WINDOW_THAT_OPENS_BY_NOTHING((c, t) -> c.window(0, 0)),
  A_STREAM_WINDOW_THAT_OVERFLOWS(
      (c, t) -> c.post(1, t).window(1, Integer.MAX_VALUE).window(1, Integer.MAX_VALUE)),
  A_CONNECTION_WINDOW_THAT_OVERFLOWS(
      (c, t) -> c.window(0, Integer.MAX_VALUE).window(0, Integer.MAX_VALUE)),
  A_WINDOW_OF_NO_STREAM((c, t) -> c.window(9, 1)),
  MORE_DATA_THAN_THE_WINDOW_ALLOWS(
      (c, t) -> many(c.post(1, t), 4_000, encode(DATA, 0, 1, new byte[16_384]))),
  DATA_WITH_NOTHING_IN_IT((c, t) -> many(c.post(1, t), 50_000, encode(DATA, 0, 1, new byte[0]))),

  // Heads.
  A_HEAD_THAT_IS_NO_HPACK(
      (c, t) -> c.frame(HEADERS, END_HEADERS, 1, new byte[] {-1, -1, -1, -1, -1, -1})),
  AN_INDEX_THAT_IS_NONE((c, t) -> c.frame(HEADERS, END_HEADERS, 1, new byte[] {(byte) 0xfe})),
  A_LARGER_TABLE_THAN_MAY_BE(
      (c, t) -> c.frame(HEADERS, END_HEADERS, 1, new byte[] {0x3f, -1, -1, 3})),
  A_CONTINUATION_OF_NOTHING((c, t) -> c.frame(CONTINUATION, END_HEADERS, 1, block("x: y"))),
  A_HEAD_WITH_A_PING_IN_IT(
      (c, t) -> c.frame(HEADERS, 0, 1, block("x: y")).frame(PING, 0, 0, new byte[8])),
  A_HEAD_WITHOUT_END(
      (c, t) ->
          many(
              c.frame(HEADERS, 0, 1, block(":method: GET")),
              5_000,
              encode(CONTINUATION, 0, 1, block("x: y")))),
  A_HEAD_LARGER_THAN_MAY_BE((c, t) -> c.get(1, t, "x: " + "x".repeat(17_000))),
  A_HEAD_FAR_LARGER_THAN_MAY_BE((c, t) -> c.get(1, t, large("x"), large("y"), large("z"))),
  NO_METHOD((c, t) -> c.head(1, true, ":scheme: https", ":path: " + t)),
  NO_PATH((c, t) -> c.head(1, true, ":method: GET", ":scheme: https")),
  AN_UNKNOWN_PSEUDO_FIELD((c, t) -> c.get(1, t, ":what: x")),
  A_FIELD_IN_CAPITALS((c, t) -> c.get(1, t, "What: x")),
  A_FIELD_WITH_A_LINE_BREAK((c, t) -> c.get(1, t, "x: y\r\nz: w")),
  A_FIELD_OF_HTTP_1((c, t) -> c.get(1, t, "connection: close")),
  A_TRANSFER_ENCODING((c, t) -> c.get(1, t, "transfer-encoding: chunked")),
  A_LENGTH_THAT_IS_NONE((c, t) -> c.get(1, t, "content-length: x")),
  TWO_LENGTHS((c, t) -> c.get(1, t, "content-length: 1", "content-length: 2")),
  CONNECT((c, t) -> c.head(1, false, ":method: CONNECT", ":authority: h:1")),
  A_TARGET_THAT_IS_NONE((c, t) -> c.get(1, t + " x")),
  A_BODY_THAT_IS_MISSING((c, t) -> c.get(1, t, "content-length: 5")),
  A_LONGER_BODY_THAN_WAS_SAID(
      (c, t) -> c.post(1, t, "content-length: 1").frame(DATA, END_STREAM, 1, new byte[5])),
  A_SHORTER_BODY_THAN_WAS_SAID(
      (c, t) -> c.post(1, t, "content-length: 5").frame(DATA, END_STREAM, 1, new byte[1])),
  TRAILERS_WITH_A_PSEUDO_FIELD((c, t) -> c.post(1, t).head(1, true, ":path: /")),
  TRAILERS_THAT_DO_NOT_END((c, t) -> c.post(1, t).head(1, false, "x: y")),
  TRAILERS_LARGER_THAN_MAY_BE((c, t) -> c.post(1, t).head(1, true, "x: " + "x".repeat(17_000))),

  // The end.
  A_SHORT_GOAWAY((c, t) -> c.frame(GOAWAY, 0, 0, new byte[3])),
  A_GOAWAY_ON_A_STREAM((c, t) -> c.frame(GOAWAY, 0, 1, new byte[8])),
  A_GOAWAY_THAT_SAYS_A_LOT((c, t) -> c.get(1, t).frame(GOAWAY, 0, 0, filled(16_000))),
  A_GOAWAY_THAT_TAKES_BACK_ANOTHER(
      (c, t) -> c.get(1, t).frame(GOAWAY, 0, 0, new byte[8]).frame(GOAWAY, 0, 0, filled(8))),
  A_STREAM_AFTER_GOAWAY((c, t) -> c.frame(GOAWAY, 0, 0, new byte[8]).get(1, t)),
  HALF_A_FRAME((c, t) -> c.post(1, t).bytes(new byte[] {0, 0, 9, 0})),
  BYTES_THAT_ARE_NO_TLS((c, t) -> c.post(1, t).outsideTls(filled(100))),
  A_TLS_RECORD_THAT_IS_DAMAGED(
      (c, t) -> c.get(1, t).outsideTls(new byte[] {23, 3, 3, 0, 4, 1, 2, 3, 4})),
  A_BODY_THAT_BREAKS_OFF((c, t) -> c.post(1, t).frame(DATA, 0, 1, new byte[5])),
  AN_ANSWER_THAT_NOBODY_READS((c, t) -> c.get(1, t));

  /** One of these. */
  @FunctionalInterface
  private interface Deed {
    void by(RawHttp2 client, String target) throws IOException;
  }

  private final Deed deed;

  Http2Misdeeds(Deed deed) {
    this.deed = deed;
  }

  /**
   * Does it.
   *
   * @param target of requests
   * @throws IOException if the server has ended the connection meanwhile
   */
  public void by(RawHttp2 client, String target) throws IOException {
    deed.by(client, target);
  }

  private static void many(RawHttp2 client, int count, byte[] frame) throws IOException {
    for (int i = 0; i < count; i++) {
      client.bytes(frame);
    }
  }

  private static String large(String name) {
    return name + ": " + "x".repeat(10_000);
  }

  private static byte[] filled(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 0x7a);
    return bytes;
  }
}
