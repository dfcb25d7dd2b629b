package dev.understudy.fuzz;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.Played.Response;
import dev.understudy.fuzz.Script.Segment;
import dev.understudy.testing.Trusting;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Plays a script on a connection of its own: the caller's thread writes, another one reads. */
final class Http1Play {
  private static final long LOOK_NANOS = 30_000;

  /** So often nothing must go on before nothing is taken to come of what was sent. */
  private static final int LOOKS_FOR_QUIET = 20;

  private static final int MOST_LOOKS = 200;

  private final Script script;
  private final Model model;
  private final FuzzedProxy proxy;
  private final StrictServer server;
  private final long deadline;
  private final Socket raw;
  private final Socket socket;
  private final boolean tls;
  private final List<Response> responses = new CopyOnWriteArrayList<>();
  private volatile boolean tunnel;
  private volatile boolean ended;
  private volatile String violation;
  private boolean released;
  private String hung;

  private Http1Play(
      Script script, FuzzedProxy proxy, StrictServer server, Socket raw, boolean tls, long deadline)
      throws IOException {
    this.script = script;
    this.model = Model.of(script.bytes());
    this.proxy = proxy;
    this.server = server;
    this.deadline = deadline;
    this.raw = raw;
    this.tls = tls;
    this.socket = tls ? Trusting.secure(raw) : raw;
    this.released = !script.held();
  }

  static Played play(
      Script script, FuzzedProxy proxy, StrictServer server, boolean tls, long deadlineNanos)
      throws IOException {
    if (script.held()) {
      proxy.serveHeld(false);
    }
    try (Socket raw = new Socket()) {
      raw.setTcpNoDelay(true);
      raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
      Http1Play play = new Http1Play(script, proxy, server, raw, tls, deadlineNanos);
      int port = raw.getLocalPort();
      try {
        return play.run();
      } finally {
        proxy.forget(port);
        play.release();
      }
    }
  }

  private Played run() {
    Thread reader = Thread.ofVirtual().start(this::read);
    try {
      write();
      finish();
    } catch (IOException e) {
      // The proxy has ended it: what it said before is read below.
      await("the end of a connection that cannot be written to", () -> ended);
    } catch (HungException e) {
      hung = e.getMessage();
    }
    boolean over = ended;
    int port = raw.getLocalPort();
    close();
    try {
      reader.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return new Played(port, responses, tunnel, violation, over, hung);
  }

  private void close() {
    try {
      raw.close();
    } catch (IOException e) {
      // It has ended before.
    }
  }

  private void write() throws IOException {
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
    await("the connection's end", () -> ended || tunnel);
  }

  /** Until all of it is read, or the proxy has to wait for something before it reads on. */
  private void awaitRead(long bytes) {
    int port = raw.getLocalPort();
    await(
        "a read of what was sent",
        () -> tls || ended || proxy.read(port) >= bytes || hasStopped(port));
  }

  private boolean hasStopped(int port) {
    if (proxy.isReading(port)) {
      return false;
    }
    proxy.passLoops();
    return !proxy.isReading(port);
  }

  /** Gives what nobody should take for a request the time to be one all the same. */
  private void awaitSurplus() {
    // A connection to the server may have to be made first, which nobody counts.
    int quiet = 0;
    for (int i = 0; i < MOST_LOOKS && quiet < LOOKS_FOR_QUIET && !ended; i++) {
      proxy.passLoops();
      quiet = proxy.running() == 0 && server.isQuiet() ? quiet + 1 : 0;
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void awaitResponses(int count) {
    await(
        "response " + count,
        () -> {
          if (!released && proxy.held() > 0) {
            release();
          }
          return ended || tunnel || responses.size() >= count;
        });
  }

  private void release() {
    if (!released) {
      released = true;
      proxy.serveHeld(true);
    }
  }

  private void await(String what, BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new HungException("never came: " + what);
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void read() {
    try {
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
    } catch (Violation e) {
      violation = e.getMessage();
    } catch (IOException e) {
      // The end of the connection, by a reset or within a head.
    }
    ended = true;
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

  private static final class HungException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HungException(String what) {
      super(what);
    }
  }
}
