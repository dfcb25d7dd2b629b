package dev.understudy.conformance;

import dev.understudy.scenario.Ports;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A stateful application that writes each request down: when, through which replica, with which
 * epoch. It can be killed, frozen and cut from single replicas.
 *
 * <p>All replicas know it by one address, as they must; which of them a connection comes from is
 * told by the {@code X-Replica} of a request or of a probe. A replica that is cut off is therefore
 * still accepted by the kernel, and nothing that it sends gets a response until the way is healed;
 * the log says when it was sent.
 */
final class WitnessServer implements AutoCloseable {
  /** What clients find in the place of a killed server. */
  enum Death {
    /** The kernel refuses connections. */
    REFUSING(""),
    /**
     * Something in front of the server (a mesh's sidecar, a balancer of connections) goes on
     * accepting them for it, then closes or resets them, in turns.
     */
    BEHIND_RELAY(", behind a relay");

    private final String words;

    Death(String words) {
      this.words = words;
    }

    /** For the name of a row. */
    String words() {
      return words;
    }
  }

  private static final int BACKLOG = 1024;

  private final String name;
  private final HitLog log;
  private final int port;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Set<String> cut = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();
  private volatile @Nullable ServerSocket listener;
  private boolean frozen;
  private volatile boolean relayed;
  private volatile boolean sick;

  private WitnessServer(String name, HitLog log, int port) {
    this.name = name;
    this.log = log;
    this.port = port;
  }

  static WitnessServer start(String name, HitLog log) throws IOException {
    WitnessServer server = new WitnessServer(name, log, Ports.free());
    server.restore();
    return server;
  }

  String name() {
    return name;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Listens again, on the same port, with all ways open. */
  void restore() throws IOException {
    thaw();
    synchronized (gate) {
      cut.clear();
      gate.notifyAll();
    }
    relayed = false;
    if (listener != null) {
      return;
    }
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress("127.0.0.1", port), BACKLOG);
    listener = socket;
    Thread.ofVirtual().name(name).start(() -> accept(socket));
  }

  /** As SIGKILL does: open connections are closed, and nothing responds on new ones. */
  void kill(Death death) throws IOException {
    relayed = death == Death.BEHIND_RELAY;
    ServerSocket socket = listener;
    if (socket != null && !relayed) {
      listener = null;
      socket.close();
    }
    for (Socket connection : connections) {
      connection.close();
    }
    thaw();
  }

  /** As SIGSTOP does: the kernel accepts and receives, but nothing responds. */
  void freeze() {
    synchronized (gate) {
      frozen = true;
    }
  }

  void thaw() {
    synchronized (gate) {
      frozen = false;
      gate.notifyAll();
    }
  }

  /** Its checks are bad, or good again; requests get their responses all the time. */
  void sick(boolean now) {
    sick = now;
  }

  /** Nothing of that replica gets through any more. */
  void cut(String replica) {
    cut.add(replica);
  }

  void heal(String replica) {
    synchronized (gate) {
      cut.remove(replica);
      gate.notifyAll();
    }
  }

  private void accept(ServerSocket socket) {
    try {
      for (boolean reset = true; true; reset ^= relayed) {
        Socket connection = socket.accept();
        connections.add(connection);
        if (relayed) {
          connection.setSoLinger(reset, 0);
          connection.close();
          connections.remove(connection);
          continue;
        }
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      return; // Killed.
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      while (exchange(connection, in)) {
        continue;
      }
    } catch (IOException e) {
      return; // Gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(connection);
    }
  }

  private boolean exchange(Socket connection, InputStream in)
      throws IOException, InterruptedException {
    String requestLine = line(in);
    if (requestLine == null) {
      return false;
    }
    Map<String, String> headers = headers(in);
    String replica = headers.getOrDefault("x-replica", "");
    long arrived = System.nanoTime();
    in.skipNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    boolean probe = requestLine.contains(" /status");
    if (!probe) {
      long epoch =
          Long.parseLong(headers.getOrDefault("understudy-epoch", Long.toString(HitLog.NO_EPOCH)));
      log.add(new HitLog.Hit(arrived, replica, name, epoch, order(requestLine)));
    }
    awaitWay(replica);
    awaitThaw();
    String status = probe && sick ? "503 Sick" : "200 OK";
    String response =
        "HTTP/1.1 " + status + "\r\nContent-Length: " + name.length() + "\r\n\r\n" + name;
    connection.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
    return !"close".equalsIgnoreCase(headers.get("connection"));
  }

  private void awaitWay(String replica) throws InterruptedException {
    synchronized (gate) {
      while (cut.contains(replica)) {
        gate.wait();
      }
    }
  }

  private void awaitThaw() throws InterruptedException {
    synchronized (gate) {
      while (frozen) {
        gate.wait();
      }
    }
  }

  private static String order(String requestLine) {
    int from = requestLine.indexOf("?id=");
    return requestLine.startsWith("POST ") && from > 0
        ? requestLine.substring(from + 4, requestLine.lastIndexOf(' '))
        : "";
  }

  private static Map<String, String> headers(InputStream in) throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }

  /** Null: the connection ended. */
  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    kill(Death.REFUSING);
    restoreGates();
  }

  private void restoreGates() {
    synchronized (gate) {
      cut.clear();
      gate.notifyAll();
    }
  }
}
