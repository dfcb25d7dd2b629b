package dev.understudy.testing.duel;

import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The client of a talk over HTTP/2: one thread reads, each stream has one that writes. */
public final class StreamCaller {
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final byte[] LAST_PING = {1, 2, 3, 4, 5, 6, 7, 8};

  private final Talk talk;
  private final Transcript into = new Transcript();
  private final RawHttp2 connection;
  private final SendWindows windows = new SendWindows();
  private final List<StreamTurn> streams = new ArrayList<>();
  private boolean alive;

  private StreamCaller(Talk talk, RawHttp2 connection) {
    this.talk = talk;
    this.connection = connection;
  }

  /** Plays a talk through the lane at that port, before that server. */
  public static Transcript play(Talk talk, int port, Origin origin) throws Exception {
    try (RawHttp2 connection = RawHttp2.connect(port)) {
      StreamCaller caller = new StreamCaller(talk, connection);
      origin.play(talk, caller.into);
      try {
        caller.run();
      } catch (IOException e) {
        throw new IOException("so far:\n" + caller.into.text() + "\n" + caller.windows, e);
      }
      return caller.into;
    }
  }

  private void run() throws IOException {
    connection.settings(INITIAL_WINDOW_SIZE, talk.window());
    for (Turn turn : talk.turns()) {
      streams.add(new StreamTurn(talk, turn, connection, windows, into));
    }
    Thread.ofVirtual().start(this::write);
    while (!streams.stream().allMatch(StreamTurn::isOver)) {
      take(connection.read());
    }
    // Whatever happened to its streams, the connection is as good as before.
    connection.frame(RawHttp2.PING, 0, 0, LAST_PING);
    while (!alive) {
      take(connection.read());
    }
  }

  /** Heads in the order of their streams (RFC 9113 §5.1.1), bodies as it comes. */
  private void write() {
    for (StreamTurn stream : streams) {
      if (!talk.pipelined() && stream.number() > 0) {
        into.await("answer " + (stream.number() - 1), 1);
      }
      stream.begin();
      Thread.ofVirtual().start(stream::body);
    }
  }

  private void take(Frame frame) throws IOException {
    switch (frame.type()) {
      case RawHttp2.SETTINGS -> settings(frame);
      case RawHttp2.PING -> {
        alive |= frame.is(RawHttp2.ACK) && Arrays.equals(frame.payload(), LAST_PING);
        if (!frame.is(RawHttp2.ACK)) {
          connection.frame(RawHttp2.PING, RawHttp2.ACK, 0, frame.payload());
        }
      }
      case RawHttp2.WINDOW_UPDATE -> windows.grow(frame.stream(), frame.number(0));
      case RawHttp2.GOAWAY -> throw new IOException("GOAWAY with " + frame.number(4));
      case RawHttp2.HEADERS -> of(frame).head(frame.fields(), frame.is(RawHttp2.END_STREAM));
      case RawHttp2.DATA -> {
        if (frame.payload().length > 0) {
          connection.window(0, frame.payload().length);
        }
        of(frame).data(frame);
      }
      case RawHttp2.RST_STREAM -> of(frame).reset(frame.number(0));
      default -> throw new IOException("an unexpected frame: " + frame.type());
    }
  }

  private StreamTurn of(Frame frame) {
    return streams.get(frame.stream() / 2);
  }

  private void settings(Frame frame) throws IOException {
    if (frame.is(RawHttp2.ACK)) {
      return;
    }
    ByteBuffer settings = ByteBuffer.wrap(frame.payload());
    while (settings.hasRemaining()) {
      int name = settings.getShort();
      long value = settings.getInt() & 0xffff_ffffL;
      if (name == INITIAL_WINDOW_SIZE) {
        windows.initial(value);
      }
    }
    connection.frame(RawHttp2.SETTINGS, RawHttp2.ACK, 0, new byte[0]);
  }
}
