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

  /** After so many looks the proxy is taken not to read because it has to wait itself. */
  private static final int LOOKS_FOR_A_READ = 60;

  private final Script script;
  private final Model model;
  private final FuzzedProxy proxy;
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

  private Http1Play(Script script, FuzzedProxy proxy, Socket raw, boolean tls, long deadline)
      throws IOException {
    this.script = script;
    this.model = Model.of(script.bytes());
    this.proxy = proxy;
    this.deadline = deadline;
    this.raw = raw;
    this.tls = tls;
    this.socket = tls ? Trusting.secure(raw) : raw;
    this.released = !script.held();
  }

  static Played play(Script script, FuzzedProxy proxy, boolean tls, long deadlineNanos)
      throws IOException {
    if (script.held()) {
      proxy.serveHeld(false);
    }
    try (Socket raw = new Socket()) {
      raw.setTcpNoDelay(true);
      raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
      Http1Play play = new Http1Play(script, proxy, raw, tls, deadlineNanos);
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
      await("the end of a connection that can't be written to", () -> ended);
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
        if (!ended) {
          socket.shutdownOutput();
        }
      }
    }
    release();
    await("the connection's end", () -> ended || tunnel);
  }

  private void awaitRead(long bytes) {
    int port = raw.getLocalPort();
    for (int i = 0; i < LOOKS_FOR_A_READ; i++) {
      if (tls || ended || proxy.read(port) >= bytes || proxy.isUncounted(port)) {
        return;
      }
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
