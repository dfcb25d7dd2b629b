package dev.understudy.conformance.migration;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A server that responds with its name and the request as it got it. {@code /status} says whether
 * it is healthy; the query {@code response=Name:value} asks for a header field, {@code status=404}
 * for a status. To Redis's own commands it responds as a server that is master while it is healthy.
 */
final class EchoServer implements AutoCloseable {
  private static final int BACKLOG = 128;

  private final String name;
  private final int port;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private volatile @Nullable ServerSocket listener;
  private volatile boolean healthy = true;

  private EchoServer(String name, int port) {
    this.name = name;
    this.port = port;
  }

  static EchoServer start(String name) throws IOException {
    EchoServer server = new EchoServer(name, Ports.free());
    server.restore();
    return server;
  }

  int port() {
    return port;
  }

  /** Listens again on the same port, healthy. */
  void restore() throws IOException {
    healthy = true;
    if (listener != null) {
      return;
    }
    // The socket before may be let go only when its accept has returned.
    Await.until("the port is free", this::listens);
  }

  private boolean listens() throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress("127.0.0.1", port), BACKLOG);
    } catch (BindException e) {
      socket.close();
      return false;
    }
    listener = socket;
    Thread.ofVirtual().name(name).start(() -> accept(socket));
    return true;
  }

  /** From now on checks fail, and requests are served. */
  void setUnhealthy() {
    healthy = false;
  }

  /** As SIGKILL does: open connections end, and new ones are refused. */
  void kill() throws IOException {
    ServerSocket socket = listener;
    listener = null;
    if (socket != null) {
      socket.close();
    }
    for (Socket connection : connections) {
      connection.close();
    }
  }

  private void accept(ServerSocket socket) {
    try {
      while (true) {
        Socket connection = socket.accept();
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      return; // Killed.
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      while (exchange(connection, in)) {
        continue;
      }
    } catch (IOException e) {
      return; // Gone.
    } finally {
      connections.remove(connection);
    }
  }

  private boolean exchange(Socket connection, InputStream in) throws IOException {
    String requestLine = line(in);
    if (requestLine == null) {
      return false;
    }
    String redis = redis(requestLine);
    if (!redis.isEmpty()) {
      connection.getOutputStream().write(redis.getBytes(StandardCharsets.ISO_8859_1));
      return !requestLine.equals("QUIT");
    }
    Set<String> headers = new TreeSet<>();
    int length = 0;
    boolean chunked = false;
    boolean close = requestLine.endsWith("/1.0");
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      headers.add(line);
      String lower = line.toLowerCase(java.util.Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
      }
      chunked |= lower.equals("transfer-encoding: chunked");
      close |= lower.equals("connection: close");
    }
    in.skipNBytes(length);
    if (chunked) {
      skipChunks(in);
    }
    connection
        .getOutputStream()
        .write(response(requestLine, headers).getBytes(StandardCharsets.ISO_8859_1));
    return !close;
  }

  private static void skipChunks(InputStream in) throws IOException {
    for (String size = line(in); size != null && !size.isEmpty(); size = line(in)) {
      int bytes = Integer.parseInt(size, 16);
      if (bytes > 0) {
        in.skipNBytes(bytes);
        line(in);
      }
    }
  }

  /** Empty: this is no such command. */
  private String redis(String line) {
    return switch (line) {
      case "PING" -> "+PONG\r\n";
      case "info replication" ->
          "$13\r\n" + (healthy ? "role:master\r\n" : "role:slave \r\n") + "\r\n";
      case "QUIT" -> "+OK\r\n";
      default -> "";
    };
  }

  private String response(String requestLine, Set<String> headers) {
    String target = requestLine.split(" ", 3)[1];
    boolean check = target.equals("/status");
    String status = check && !healthy ? "503 No" : "200 OK";
    String body =
        check
            ? (healthy ? "version 1" : "bad")
            : name + "\n" + requestLine + "\n" + String.join("\n", headers);
    StringBuilder head = new StringBuilder();
    for (String parameter : target.substring(target.indexOf('?') + 1).split("&")) {
      if (parameter.startsWith("response=")) {
        head.append(parameter.substring("response=".length()).replaceFirst(":", ": "))
            .append("\r\n");
      } else if (parameter.startsWith("status=")) {
        status = parameter.substring("status=".length()) + " As-Asked";
      }
    }
    return "HTTP/1.1 "
        + status
        + "\r\nX-Server: "
        + name
        + "\r\nContent-Length: "
        + body.length()
        + "\r\n"
        + head
        + "\r\n"
        + (requestLine.startsWith("HEAD ") ? "" : body);
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
    kill();
  }
}
