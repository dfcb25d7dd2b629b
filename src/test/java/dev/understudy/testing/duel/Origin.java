package dev.understudy.testing.duel;

import static dev.understudy.testing.duel.Transcript.ascii;

import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.duel.Turn.Response;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/** The server of one lane: it plays its part of a talk, and writes down what it sees. */
public final class Origin implements AutoCloseable {
  private final ScriptedServer listening = new ScriptedServer(call -> serve(call.socket()));
  private volatile Talk talk;
  private volatile Transcript transcript;

  public int port() {
    return listening.port();
  }

  void play(Talk next, Transcript into) {
    transcript = into;
    talk = next;
  }

  private void serve(Socket socket) {
    try {
      socket.setTcpNoDelay(true);
      BufferedInputStream in = new BufferedInputStream(socket.getInputStream());
      Reader reader = new Reader(in, false);
      for (String head = reader.head(); !head.isEmpty(); head = reader.head()) {
        Transcript now = transcript;
        Turn turn = talk.turns().get(Integer.parseInt(Reader.field(head, "X-Turn")));
        if (turn.response() == Response.NONE) {
          // How often it is sent again depends on idle connections.
          now.sawOnce("server head " + turn.number(), Transcript.request(head));
        } else {
          now.saw("server " + turn.number(), Transcript.request(head));
        }
        now.reached("server head " + turn.number(), 1);
        if (!new Serving(turn, now, socket, reader).respond(head)) {
          return;
        }
      }
    } catch (IOException e) {
      // The connection ends here.
    }
  }

  private record Serving(Turn turn, Transcript into, Socket socket, Reader reader) {
    /** Returns whether the connection can be used again. */
    boolean respond(String head) throws IOException {
      OutputStream out = socket.getOutputStream();
      if (turn.expect()) {
        out.write(ascii("HTTP/1.1 100 Continue\r\n\r\n"));
      }
      if (turn.response() == Response.EARLY) {
        write(out);
        body(head);
        return true;
      }
      if (turn.response() == Response.NONE) {
        into.sawOnce("server " + turn.number(), body(head));
        socket.setSoLinger(turn.at() % 2 == 0, 0);
        return false;
      }
      into.saw("server " + turn.number(), body(head));
      write(out);
      return after();
    }

    private String body(String head) throws IOException {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      String trailers = "";
      String name = "server body " + turn.number();
      String length = Reader.field(head, "content-length");
      if (length != null) {
        reader.length(Long.parseLong(length), body, n -> into.reached(name, n));
      } else if (Reader.field(head, "transfer-encoding") != null) {
        trailers = reader.chunks(body, n -> into.reached(name, n));
      }
      return Transcript.body(body.toByteArray()) + " [" + trailers.trim() + "]";
    }

    private void write(OutputStream out) throws IOException {
      byte[] body = turn.responseBody();
      switch (turn.response()) {
        case NONE -> {}
        case NO_CONTENT -> out.write(ascii("HTTP/1.1 204 None\r\nX-A: b\r\n\r\n"));
        case NOT_MODIFIED ->
            out.write(ascii("HTTP/1.1 304 Same\r\nETag: \"x\"\r\nContent-Length: 7\r\n\r\n"));
        case UNTIL_CLOSE -> {
          // To HEAD there is no body that would end so: the connection looks good.
          String close = turn.method().equals("HEAD") ? "Connection: close\r\n" : "";
          out.write(ascii("HTTP/1.1 200 OK\r\nX-A: b\r\n" + close + "\r\n"));
          pieces(out, body, body.length, false);
        }
        case CHUNKED, CUT_CHUNKED -> {
          out.write(ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
          boolean cut = turn.response() == Response.CUT_CHUNKED;
          pieces(out, body, cut ? turn.at() : body.length, true);
          if (!cut && !turn.method().equals("HEAD")) {
            out.write(ascii("0\r\n" + (turn.trailers() ? "X-Sum: 1\r\n" : "") + "\r\n"));
          }
        }
        case CUT, RESET -> {
          length(out, 200, body.length);
          pieces(out, body, turn.at(), false);
        }
        case EARLY_HINTS -> {
          out.write(ascii("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n"));
          length(out, 200, body.length);
          pieces(out, body, body.length, false);
        }
        case EARLY, LENGTH -> {
          length(out, turn.response() == Response.EARLY ? 413 : 200, body.length);
          pieces(out, body, body.length, false);
        }
      }
    }

    private static void length(OutputStream out, int status, int length) throws IOException {
      out.write(ascii("HTTP/1.1 " + status + " X\r\nContent-Length: " + length + "\r\n\r\n"));
    }

    private void pieces(OutputStream out, byte[] body, int length, boolean chunked)
        throws IOException {
      if (turn.method().equals("HEAD")) {
        return;
      }
      int from = 0;
      for (int to : turn.cuts(length)) {
        if (chunked && to > from) {
          out.write(ascii(Integer.toHexString(to - from) + "\r\n"));
        }
        out.write(body, from, to - from);
        if (chunked && to > from) {
          out.write(ascii("\r\n"));
        }
        from = to;
      }
    }

    private boolean after() throws IOException {
      switch (turn.response()) {
        case UNTIL_CLOSE -> {
          return false;
        }
        case CUT, CUT_CHUNKED -> {
          into.await("client body " + turn.number(), turn.at());
          return false;
        }
        case RESET -> {
          into.await("client body " + turn.number(), turn.at());
          socket.setSoLinger(true, 0);
          return false;
        }
        default -> {
          return true;
        }
      }
    }
  }

  @Override
  public void close() {
    listening.close();
  }
}
