package dev.understudy.testing.duel;

import static dev.understudy.testing.duel.Transcript.ascii;

import dev.understudy.testing.Trusting;
import dev.understudy.testing.duel.Turn.End;
import dev.understudy.testing.duel.Turn.Framing;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** The client of a talk: one thread writes, one reads. */
public final class Caller {
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Talk talk;
  private final Transcript into = new Transcript();
  private final Socket raw;

  /** With TLS over it, if any. */
  private final Socket socket;

  private Caller(Talk talk, Socket raw, boolean tls) throws IOException {
    this.talk = talk;
    this.raw = raw;
    socket = tls ? Trusting.secure(raw) : raw;
  }

  /** Plays a talk through the lane at that port, before that server. */
  public static Transcript play(Talk talk, int port, boolean tls, Origin origin) throws Exception {
    try (Socket raw = new Socket()) {
      if (talk.window() > 0) {
        raw.setReceiveBufferSize(talk.window());
      }
      raw.setSoTimeout(TIMEOUT_MILLIS);
      raw.setTcpNoDelay(true);
      raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      Caller caller = new Caller(talk, raw, tls);
      origin.play(talk, caller.into);
      caller.run();
      return caller.into;
    }
  }

  private void run() throws Exception {
    Thread writer = Thread.ofVirtual().start(this::write);
    read();
    // Who is not listened to any more stops writing.
    if (!talk.turns().getLast().response().equals(Turn.Response.EARLY)) {
      writer.join();
    }
  }

  private void write() {
    try {
      for (Turn turn : talk.turns()) {
        if (!talk.pipelined() && turn.number() > 0) {
          into.await("answer " + (turn.number() - 1), 1);
        }
        request(turn);
        if (turn.end() == End.GONE_WHILE_SENDING) {
          // Else the server might hear of it in one lane alone, or a response before it be lost.
          into.await("server head " + turn.number(), 1);
          if (turn.number() > 0) {
            into.await("answer " + (turn.number() - 1), 1);
          }
          raw.close();
        }
      }
    } catch (IOException e) {
      into.reached("writing failed", 1);
    }
  }

  private void request(Turn turn) throws IOException {
    StringBuilder head = new StringBuilder();
    head.append(turn.method()).append(" /").append(turn.number()).append("?a=%7E|b ");
    head.append(turn.version()).append("\r\nHost: Duel.test:80\r\nX-Turn: ").append(turn.number());
    head.append("\r\nX-Request-Id: duel\r\nAccept: */*\r\n");
    if (turn.lastOfConnection()) {
      head.append("Connection: close\r\n");
    }
    if (turn.expect()) {
      head.append("Expect: 100-continue\r\n");
    }
    switch (turn.framing()) {
      case LENGTH -> head.append("Content-Length: ").append(turn.body().length).append("\r\n");
      case CHUNKED -> head.append("Transfer-Encoding: chunked\r\n");
      case NONE -> {}
    }
    send(ascii(head + "\r\n"));
    if (turn.expect()) {
      into.await("continue " + turn.number(), 1);
    }
    int length = turn.end() == End.GONE_WHILE_SENDING ? turn.at() : turn.body().length;
    body(turn, length);
  }

  private void body(Turn turn, int length) throws IOException {
    boolean chunked = turn.framing() == Framing.CHUNKED;
    int from = 0;
    for (int to : turn.cuts(length)) {
      if (turn.pause() > 0 && from >= turn.pause()) {
        into.await("server body " + turn.number(), turn.pause());
      }
      byte[] piece = java.util.Arrays.copyOfRange(turn.body(), from, to);
      if (chunked && piece.length > 0) {
        send(ascii(Integer.toHexString(piece.length) + "\r\n"));
      }
      send(piece);
      if (chunked && piece.length > 0) {
        send(ascii("\r\n"));
      }
      from = to;
    }
    if (chunked && turn.end() != End.GONE_WHILE_SENDING) {
      send(ascii("0\r\n" + (turn.trailers() ? "X-Check: 1\r\n" : "") + "\r\n"));
    }
  }

  private void send(byte[] bytes) throws IOException {
    OutputStream out = socket.getOutputStream();
    if (talk.trickle()) {
      for (byte each : bytes) {
        out.write(each);
      }
    } else {
      out.write(bytes);
    }
  }

  private void read() throws IOException {
    Reader reader = new Reader(new BufferedInputStream(socket.getInputStream()), talk.trickle());
    for (Turn turn : talk.turns()) {
      String name = "client " + turn.number();
      try {
        readResponse(turn, reader);
        into.reached("answer " + turn.number(), 1);
      } catch (java.net.SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        into.saw(name, turn.end() == End.NORMAL ? "broken" : "gone");
        return;
      }
    }
    Turn last = talk.turns().getLast();
    if (last.lastOfConnection() && last.response() != Turn.Response.EARLY) {
      into.saw("client end", isEnded() ? "closed" : "still open");
    }
  }

  private boolean isEnded() {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException e) {
      return true;
    }
  }

  private void readResponse(Turn turn, Reader reader) throws IOException {
    String name = "client " + turn.number();
    String head = reader.head();
    if (head.isEmpty()) {
      throw new java.io.EOFException("before an answer");
    }
    into.saw(name, Transcript.response(head, turn));
    int status = Integer.parseInt(head.substring(9, 12));
    if (status < 200) {
      into.reached("continue " + turn.number(), 1);
      readResponse(turn, reader);
      return;
    }
    // Whoever waits to go on goes on, or would wait for ever.
    into.reached("continue " + turn.number(), 1);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    String trailers = "";
    try {
      trailers = body(turn, head, status, reader, body);
    } finally {
      into.saw(name, Transcript.body(body.toByteArray()) + " [" + trailers.trim() + "]");
    }
  }

  private String body(Turn turn, String head, int status, Reader reader, ByteArrayOutputStream body)
      throws IOException {
    if (turn.method().equals("HEAD") || status == 204 || status == 304) {
      return "";
    }
    String length = Reader.field(head, "content-length");
    if (turn.end() == End.GONE_WHILE_READING) {
      reader.length(turn.at(), body, n -> {});
      raw.close();
      return "";
    }
    java.util.function.IntConsumer progress = n -> into.reached("client body " + turn.number(), n);
    if (length != null) {
      reader.length(Long.parseLong(length), body, progress);
    } else if (Reader.field(head, "transfer-encoding") != null) {
      return reader.chunks(body, progress);
    } else {
      reader.toEnd(body, progress);
    }
    return "";
  }
}
