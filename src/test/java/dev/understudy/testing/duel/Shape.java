package dev.understudy.testing.duel;

import static dev.understudy.testing.RawHttp2.CONTINUATION;
import static dev.understudy.testing.RawHttp2.DATA;
import static dev.understudy.testing.RawHttp2.END_HEADERS;
import static dev.understudy.testing.RawHttp2.END_STREAM;
import static dev.understudy.testing.RawHttp2.HEADERS;
import static dev.understudy.testing.RawHttp2.PADDED;

import dev.understudy.testing.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * How one request is put into HTTP/2 frames, and how its client opens the stream's window.
 *
 * @param largest bytes of data in a frame
 * @param padding of each frame of data, bytes, the length's own among them; 0: none
 * @param headPieces frames into which the head is split (RFC 9113 §6.10)
 * @param emptyEnd whether an empty frame ends the body
 * @param late whether the window is opened only when it is used up
 * @param crumbs whether its cookie comes in two fields (RFC 9113 §8.2.3)
 */
record Shape(
    int largest, int padding, int headPieces, boolean emptyEnd, boolean late, boolean crumbs) {

  /** Of a frame's payload, if nothing else is set (RFC 9113 §4.2). */
  private static final int MAX_FRAME = 16_384;

  static Shape random(Talk talk, Turn turn) {
    Random random = new Random(talk.seed() * 31 + turn.number());
    int padding = random.nextInt(3) == 0 ? 1 + random.nextInt(talk.trickle() ? 20 : 256) : 0;
    int[] sizes = {1 + random.nextInt(300), 4000, MAX_FRAME - padding};
    return new Shape(
        talk.trickle() ? 1 : sizes[turn.body().length > 10_000 ? 2 : random.nextInt(3)],
        padding,
        1 + random.nextInt(3),
        random.nextBoolean(),
        random.nextBoolean(),
        random.nextBoolean());
  }

  /** The request's head, all of it. */
  byte[] head(int stream, Turn turn, boolean end) {
    List<String> fields =
        new ArrayList<>(
            List.of(
                ":method: " + turn.method(),
                ":scheme: https",
                ":authority: Duel.test:80",
                ":path: /" + turn.number() + "?a=%7E|b",
                "x-turn: " + turn.number(),
                "x-request-id: duel",
                "accept: */*",
                "te: trailers"));
    if (turn.framing() == Turn.Framing.LENGTH) {
      fields.add("content-length: " + turn.body().length);
    }
    if (turn.expect()) {
      fields.add("expect: 100-continue");
    }
    fields.addAll(crumbs ? List.of("cookie: a=1", "cookie: b=2") : List.of("cookie: a=1; b=2"));
    byte[] block = RawHttp2.block(fields.toArray(String[]::new));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < headPieces; i++) {
      byte[] piece =
          Arrays.copyOfRange(
              block, block.length * i / headPieces, block.length * (i + 1) / headPieces);
      int flags = i == headPieces - 1 ? END_HEADERS : 0;
      bytes.writeBytes(
          i == 0
              ? RawHttp2.encode(HEADERS, flags | (end ? END_STREAM : 0), stream, piece)
              : RawHttp2.encode(CONTINUATION, flags, stream, piece));
    }
    return bytes.toByteArray();
  }

  /** What a frame with so many bytes takes from the windows. */
  int cost(int length) {
    return length + padding;
  }

  byte[] data(int stream, byte[] piece, boolean end) {
    byte[] payload = piece;
    if (padding > 0) {
      payload = new byte[1 + piece.length + padding - 1];
      payload[0] = (byte) (padding - 1);
      System.arraycopy(piece, 0, payload, 1, piece.length);
    }
    int flags = (end ? END_STREAM : 0) | (padding > 0 ? PADDED : 0);
    return RawHttp2.encode(DATA, flags, stream, payload);
  }
}
