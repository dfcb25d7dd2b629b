package dev.understudy.fuzz;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.Script.Segment;
import dev.understudy.testing.Trusting;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A client of HTTP/1. */
final class Http1Play extends Play {
  /**
   * One final response.
   *
   * @param whole whether it came to its end
   */
  record Response(Head head, byte[] content, boolean whole) {
    int status() {
      return Integer.parseInt(head.start().get(1));
    }

    /** The request that the server responded to; null: it is the proxy's own. */
    String echo() {
      return head.first(StrictServer.ECHO);
    }

    /** Whether no other may follow. */
    boolean closes() {
      return head.list("connection").contains("close");
    }

    @Override
    public String toString() {
      return head.start().get(1)
          + " "
          + (echo() == null ? "" : echo() + " ")
          + content.length
          + " bytes"
          + (closes() ? ", closes" : "")
          + (whole ? "" : ", not whole");
    }
  }

  private static final int MOST_LOOKS = 200;

  private final Script script;
  private final Model model;
  private final Socket raw;
  private final Socket socket;
  private final boolean tls;
  private final List<Response> responses = new CopyOnWriteArrayList<>();
  private volatile boolean tunnel;
  private boolean released;

  Http1Play(Script script, FuzzedProxy proxy, StrictServer server, boolean tls, long deadlineNanos)
      throws IOException {
    this(script, proxy, server, socket(proxy), tls, deadlineNanos);
  }

  private Http1Play(
      Script script, FuzzedProxy proxy, StrictServer server, Socket raw, boolean tls, long deadline)
      throws IOException {
    super(proxy, server, raw.getLocalPort(), deadline);
    this.script = script;
    this.model = Model.of(script.bytes());
    this.raw = raw;
    this.tls = tls;
    this.socket = tls ? Trusting.secure(raw) : raw;
    this.released = !script.held();
  }

  private static Socket socket(FuzzedProxy proxy) throws IOException {
    Socket raw = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    raw.setTcpNoDelay(true);
    return raw;
  }

  @Override
  void close() {
    try {
      raw.close();
    } catch (IOException e) {
      // It has ended before.
    }
  }

  @Override
  void write() throws IOException {
    long sent = 0;
    for (int i = 0; i < script.segments().size(); i++) {
      Segment segment = script.segments().get(i);
      switch (segment.before()) {
        case NONE -> {}
        case READ -> awaitRead(sent);
        case RESPONSES -> {
          int whole = Model.of(script.bytes(i)).whole();
          awaitResponses(whole);
        }
      }
      socket.getOutputStream().write(segment.bytes());
      sent += segment.bytes().length;
    }
    finish();
  }

  private void finish() throws IOException {
    switch (script.end()) {
      case RESET -> {
        raw.setSoLinger(true, 0);
        return;
      }
      case HALF_CLOSE -> socket.shutdownOutput();
      case READ -> {
        awaitRead(script.bytes().length);
        release();
        awaitResponses(model.whole());
        if (model.end() != Model.End.CLEAN) {
          awaitSurplus();
        }
        if (!ended) {
          socket.shutdownOutput();
        }
      }
    }
    release();
    await("the connection's end", false, () -> ended || tunnel);
  }

  /** Until all of it is read, or the proxy has to wait for something before it reads on. */
  private void awaitRead(long bytes) {
    await(
        "a read of what was sent",
        false,
        () -> tls || ended || proxy.read(port) >= bytes || hasStopped());
  }

  private boolean hasStopped() {
    if (proxy.isReading(port)) {
      return false;
    }
    proxy.passLoops();
    return !proxy.isReading(port);
  }

  /** Gives what nobody should take for a request the time to be one all the same. */
  private void awaitSurplus() {
    // A connection to the server may have to be made first, which nobody counts.
    int[] looks = {0};
    await("the end of the surplus", true, () -> ended || looks[0]++ == MOST_LOOKS);
  }

  private void awaitResponses(int count) {
    await(
        "response " + count,
        false,
        () -> {
          if (!released && proxy.held() > 0) {
            release();
          }
          return ended || tunnel || responses.size() >= count;
        });
  }

  void release() {
    if (!released) {
      released = true;
      proxy.serveHeld(true);
    }
  }

  @Override
  void read() throws IOException {
    StrictReader reader =
        new StrictReader(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    for (Head head = reader.response(); head != null; head = reader.response()) {
      int status = Integer.parseInt(head.start().get(1));
      if (status == 101) {
        tunnel = true;
        reader.toEnd(new ByteArrayOutputStream());
      } else if (status >= 200) {
        response(head, status, reader);
      }
    }
  }

  private void response(Head head, int status, StrictReader reader) throws IOException {
    int number = responses.size();
    boolean toHead =
        number < model.requests().size() && model.requests().get(number).method().equals("HEAD");
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    boolean whole = false;
    try {
      if (!toHead && status != 204 && status != 304) {
        long length = StrictReader.length(head);
        if (length == StrictReader.UNTOLD) {
          reader.toEnd(content);
        } else {
          reader.body(length, content);
        }
      }
      whole = true;
    } finally {
      responses.add(new Response(head, content.toByteArray(), whole));
    }
  }

  /** Final ones, in order. */
  List<Response> responses() {
    return responses;
  }

  boolean tunnel() {
    return tunnel;
  }
}
