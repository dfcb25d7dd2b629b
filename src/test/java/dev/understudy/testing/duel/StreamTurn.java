package dev.understudy.testing.duel;

import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import dev.understudy.testing.duel.Turn.End;
import dev.understudy.testing.duel.Turn.Framing;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.StringJoiner;

/** One stream: {@link #begin} and {@link #body} are its writer's, the rest is the reader's. */
final class StreamTurn {
  private final Talk talk;
  private final Turn turn;
  private final Shape shape;
  private final int id;
  private final RawHttp2 connection;
  private final SendWindows windows;
  private final Transcript into;
  private final ByteArrayOutputStream response = new ByteArrayOutputStream();
  private final StringJoiner trailers = new StringJoiner(" | ", " [", "] ");
  private volatile boolean over;
  private volatile boolean given;
  private int used;

  StreamTurn(Talk talk, Turn turn, RawHttp2 connection, SendWindows windows, Transcript into) {
    this.talk = talk;
    this.turn = turn;
    this.shape = Shape.random(talk, turn);
    this.id = 2 * turn.number() + 1;
    this.connection = connection;
    this.windows = windows;
    this.into = into;
  }

  int number() {
    return turn.number();
  }

  boolean isOver() {
    return over;
  }

  // What is sent.

  void begin() {
    try {
      windows.open(id);
      connection.bytes(shape.head(id, turn, endsWithHead()));
    } catch (IOException e) {
      into.saw("writing " + number(), e.toString());
    }
  }

  private boolean endsWithHead() {
    boolean empty = turn.framing() == Framing.LENGTH && turn.body().length == 0;
    return turn.framing() == Framing.NONE || (empty && !shape.emptyEnd());
  }

  void body() {
    if (endsWithHead()) {
      return;
    }
    try {
      if (turn.expect()) {
        into.await("continue " + number(), 1);
      }
      boolean goes = turn.end() == End.GONE_WHILE_SENDING;
      boolean last = !goes && !withTrailers() && !shape.emptyEnd();
      send(goes ? turn.at() : turn.body().length, last);
      if (goes) {
        // Else the server might hear of it in one lane alone.
        into.await("server head " + number(), 1);
        give(Http2Error.CANCEL);
        end("gone");
        // The reader waits for a frame, and this may have been the last stream.
        connection.frame(RawHttp2.PING, 0, 0, new byte[8]);
      } else if (withTrailers()) {
        put(
            RawHttp2.encode(
                RawHttp2.HEADERS,
                RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
                id,
                RawHttp2.block("x-check: 1")));
      } else if (!last || turn.body().length == 0) {
        write(turn.body().length, turn.body().length, true);
      }
    } catch (IOException | InterruptedException e) {
      into.saw("writing " + number(), e.toString());
    }
  }

  private boolean withTrailers() {
    return turn.trailers() && turn.framing() == Framing.CHUNKED;
  }

  private void send(int length, boolean last) throws IOException, InterruptedException {
    int from = 0;
    for (int cut : turn.cuts(length)) {
      if (turn.pause() > 0 && from >= turn.pause()) {
        into.await("server body " + number(), turn.pause());
      }
      while (from < cut) {
        int to = Math.min(cut, from + shape.largest());
        if (!write(from, to, last && to == length)) {
          return;
        }
        from = to;
      }
    }
  }

  private boolean write(int from, int to, boolean end) throws IOException, InterruptedException {
    if (!windows.take(id, shape.cost(to - from))) {
      return false;
    }
    return put(shape.data(id, Arrays.copyOfRange(turn.body(), from, to), end));
  }

  /** Nothing follows a reset. */
  private synchronized boolean put(byte[] frame) throws IOException {
    if (!given) {
      connection.bytes(frame);
    }
    return !given;
  }

  private synchronized void give(Http2Error why) throws IOException {
    given = true;
    connection.reset(id, (int) why.code());
  }

  // What is seen.

  void head(Http2Headers fields, boolean last) throws IOException {
    if (over) {
      return;
    }
    if (fields.status() == null) {
      fields.forEach(each -> trailers.add(each.getKey() + ": " + each.getValue()));
    } else {
      StringBuilder head = new StringBuilder("HTTP/2.0 " + fields.status());
      fields.forEach(
          each -> {
            if (each.getKey().charAt(0) != ':') {
              head.append("\r\n").append(each.getKey()).append(": ").append(each.getValue());
            }
          });
      into.saw("client " + number(), Transcript.response(head.toString(), turn));
      into.reached("continue " + number(), 1);
    }
    if (last) {
      whole();
    }
  }

  void data(Frame frame) throws IOException {
    if (over) {
      return;
    }
    byte[] payload = frame.payload();
    int padding = frame.is(RawHttp2.PADDED) ? 1 + (payload[0] & 0xff) : 0;
    int from = padding > 0 ? 1 : 0;
    response.write(payload, from, payload.length - padding);
    into.reached("client body " + number(), response.size());
    used += payload.length;
    if (used > talk.window()) {
      throw new IOException("more than the window of stream " + id);
    }
    if (turn.end() == End.GONE_WHILE_READING && response.size() >= turn.at()) {
      give(Http2Error.CANCEL);
      byte[] seen = Arrays.copyOf(response.toByteArray(), turn.at());
      into.saw("client " + number(), Transcript.body(seen));
      end("gone");
    } else if (frame.is(RawHttp2.END_STREAM)) {
      whole();
    } else if (used > 0 && (!shape.late() || used == talk.window())) {
      connection.window(id, used);
      used = 0;
    }
  }

  private void whole() throws IOException {
    into.saw("client " + number(), Transcript.body(response.toByteArray()) + trailers);
    if (turn.response() == Turn.Response.EARLY) {
      // Who is not listened to any more stops writing.
      give(Http2Error.NO_ERROR);
    }
    end("whole");
  }

  void reset(long code) {
    if (!over) {
      into.saw("client " + number(), Transcript.body(response.toByteArray()) + trailers);
      end("reset with " + Http2Error.valueOf(code));
    } else if (!given && code != Http2Error.NO_ERROR.code()) {
      into.saw("client " + number(), "afterwards reset with " + Http2Error.valueOf(code));
    }
  }

  private void end(String how) {
    into.saw("client " + number(), how);
    over = true;
    windows.close(id);
    into.reached("answer " + number(), 1);
  }
}
