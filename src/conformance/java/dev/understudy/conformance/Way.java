package dev.understudy.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One replica's way to the API server: a relay of TCP connections that can be cut. */
final class Way implements AutoCloseable {
  /** How the way is. */
  enum State {
    /** All passes. */
    OPEN,
    /** Connections stand and are accepted; nothing passes, in either direction. */
    BLACK_HOLE,
    /** Connections that stand carry nothing any more and do not end; new ones pass. */
    HALF_OPEN,
    /** Each piece is late. */
    SLOW,
    /** Connections are reset. */
    RESET
  }

  private static final int PIECE = 16 * 1024;

  /** Both ends of one connection. */
  private final class Link {
    private final Socket near;
    private final Socket far;
    private volatile boolean dead;

    Link(Socket near, Socket far) {
      this.near = near;
      this.far = far;
    }

    void close() {
      links.remove(this);
      closeQuietly(near);
      closeQuietly(far);
    }
  }

  private final ServerSocket listener;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();
  private volatile int target;
  private volatile Duration lateness = Duration.ZERO;
  private State state = State.OPEN;

  private Way(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
  }

  static Way to(int target) throws IOException {
    Way way = new Way(target);
    Thread.ofVirtual().start(way::accept);
    return way;
  }

  String url() {
    return "https://127.0.0.1:" + listener.getLocalPort();
  }

  /** Cuts or heals it; what waited in a black hole passes when it is healed. */
  void set(State next) {
    synchronized (gate) {
      state = next;
      gate.notifyAll();
    }
    if (next == State.HALF_OPEN) {
      links.forEach(link -> link.dead = true);
    } else if (next == State.RESET) {
      links.forEach(Link::close);
    }
  }

  void slow(Duration late) {
    lateness = late;
    set(State.SLOW);
  }

  /** Leads elsewhere from now on. */
  void leadTo(int port) {
    if (port != target) {
      target = port;
      links.forEach(Link::close);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket near = listener.accept();
        Thread.ofVirtual().start(() -> connect(near));
      }
    } catch (IOException e) {
      return; // Closed.
    }
  }

  private void connect(Socket near) {
    try {
      if (isState(State.RESET)) {
        near.setSoLinger(true, 0);
        near.close();
        return;
      }
      awaitOpen();
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      Link link = new Link(near, far);
      links.add(link);
      Thread.ofVirtual().start(() -> pump(link, near, far));
      pump(link, far, near);
    } catch (IOException e) {
      closeQuietly(near);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pump(Link link, Socket from, Socket to) {
    byte[] piece = new byte[PIECE];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        if (isState(State.SLOW)) {
          Thread.sleep(lateness);
        }
        awaitOpen();
        if (!link.dead) {
          out.write(piece, 0, read);
        }
      }
      awaitOpen();
    } catch (IOException e) {
      // Either end is gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!link.dead || from == link.near) {
      link.close();
    }
  }

  private void awaitOpen() throws InterruptedException {
    synchronized (gate) {
      while (state == State.BLACK_HOLE) {
        gate.wait();
      }
    }
  }

  private boolean isState(State asked) {
    synchronized (gate) {
      return state == asked;
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    links.forEach(Link::close);
    set(State.OPEN);
  }
}
