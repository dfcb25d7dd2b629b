package dev.understudy.scenario;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A relay of TCP connections that can be cut: the way of one replica to a store, or the ways of
 * several to a server that all know by one address.
 */
public final class Way implements AutoCloseable {
  /** How the way is. */
  public enum State {
    /** All passes. */
    OPEN,
    /** Connections stand and are accepted; nothing passes, in either direction. */
    BLACK_HOLE,
    /** The same for what goes to the target alone; what comes back passes. */
    NOTHING_THERE,
    /** The same for what comes back alone: the target gets all, and nobody hears of it. */
    NOTHING_BACK,
    /** Connections that stand carry nothing any more and do not end; new ones pass. */
    HALF_OPEN,
    /** Each piece is late. */
    SLOW,
    /** Connections are reset. */
    RESET
  }

  private static final int PIECE = 16 * 1024;

  /** Whose connection it is; it lets pieces pass, or not. */
  private static final class Gate {
    private State state = State.OPEN;
    private Duration lateness = Duration.ZERO;

    synchronized void set(State next) {
      state = next;
      notifyAll();
    }

    synchronized void slow(Duration late) {
      lateness = late;
      set(State.SLOW);
    }

    synchronized boolean is(State asked) {
      return state == asked;
    }

    void pass(boolean back) throws InterruptedException {
      Duration late;
      synchronized (this) {
        late = state == State.SLOW ? lateness : Duration.ZERO;
      }
      if (late.isPositive()) {
        Thread.sleep(late);
      }
      synchronized (this) {
        while (state == State.BLACK_HOLE
            || state == (back ? State.NOTHING_BACK : State.NOTHING_THERE)) {
          wait();
        }
      }
    }
  }

  /** Both ends of one connection. */
  private final class Link {
    private final Gate gate;
    private final Socket near;
    private final Socket far;
    private volatile boolean dead;

    Link(Gate gate, Socket near, Socket far) {
      this.gate = gate;
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
  private final List<String> names;
  private final List<Gate> gates;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private volatile int target;

  private Way(InetAddress host, int target, List<String> names) throws IOException {
    this.target = target;
    this.names = names;
    this.gates = names.stream().map(name -> new Gate()).toList();
    this.listener = new ServerSocket(Ports.free(), 256, host);
  }

  /** The way of one. */
  public static Way to(int target) throws IOException {
    return started(new Way(InetAddress.getLoopbackAddress(), target, List.of("")));
  }

  /**
   * The ways of several: whose connection it is, is told by {@code X-Replica} in the first piece
   * that comes on it.
   *
   * @param host where they begin, an address of this machine
   */
  public static Way ofReplicas(List<String> replicas, InetAddress host, int target)
      throws IOException {
    return started(new Way(host, target, List.copyOf(replicas)));
  }

  private static Way started(Way way) {
    Thread.ofVirtual().start(way::accept);
    return way;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Cuts or heals all; what waited in a black hole passes when it is healed. */
  public void set(State next) {
    gates.forEach(gate -> set(gate, next));
  }

  /** Cuts or heals that of one replica. */
  public void set(String replica, State next) {
    set(gates.get(names.indexOf(replica)), next);
  }

  private void set(Gate gate, State next) {
    gate.set(next);
    for (Link link : links) {
      if (link.gate == gate && next == State.HALF_OPEN) {
        link.dead = true;
      } else if (link.gate == gate && next == State.RESET) {
        link.close();
      }
    }
  }

  public void slow(Duration late) {
    gates.forEach(gate -> gate.slow(late));
  }

  public void slow(String replica, Duration late) {
    gates.get(names.indexOf(replica)).slow(late);
  }

  /** Leads elsewhere from now on. */
  public void leadTo(int port) {
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
      byte[] first = names.size() > 1 ? firstPiece(near) : new byte[0];
      Gate gate = gate(first);
      if (gate.is(State.RESET)) {
        reset(near);
        return;
      }
      gate.pass(false);
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      Link link = new Link(gate, near, far);
      links.add(link);
      far.getOutputStream().write(first);
      Thread.ofVirtual().start(() -> pump(link, near, far));
      pump(link, far, near);
    } catch (IOException e) {
      reset(near);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is closed already.
    }
    closeQuietly(socket);
  }

  private static byte[] firstPiece(Socket near) throws IOException {
    byte[] piece = new byte[PIECE];
    int read = near.getInputStream().read(piece);
    if (read < 0) {
      throw new IOException("nothing was sent");
    }
    return Arrays.copyOf(piece, read);
  }

  private Gate gate(byte[] first) {
    String text = new String(first, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    for (int i = 0; i < names.size(); i++) {
      if (text.contains("x-replica: " + names.get(i) + "\r\n")) {
        return gates.get(i);
      }
    }
    return gates.getFirst();
  }

  private void pump(Link link, Socket from, Socket to) {
    boolean back = from == link.far;
    byte[] piece = new byte[PIECE];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        link.gate.pass(back);
        if (!link.dead) {
          out.write(piece, 0, read);
        }
      }
      link.gate.pass(back);
    } catch (IOException e) {
      // Either end is gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!link.dead || !back) {
      link.close();
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
