package dev.understudy.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ServerSocketFactory;

/**
 * A server on 127.0.0.1 that does byte for byte what its script says, each connection on a thread
 * of its own. The connection is closed when the script ends.
 */
public final class ScriptedServer implements AutoCloseable {
  /** What happens on one connection. What it throws is kept in {@link #failures}. */
  @FunctionalInterface
  public interface Script {
    void run(Connection connection) throws Exception;
  }

  /** One accepted connection. */
  public record Connection(Socket socket) {
    /** Reads a request up to the empty line; shorter if the client ends before. */
    public String readHead() throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      Http1Input.readHead(socket.getInputStream(), head);
      return head.toString(StandardCharsets.ISO_8859_1);
    }

    public void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
    }

    /** Waits until the client ends the connection, in whatever way. */
    public void awaitEnd() {
      try {
        while (socket.getInputStream().read() >= 0) {
          continue;
        }
      } catch (IOException e) {
        return;
      }
    }

    public void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  private final ServerSocket listening;
  private final Script script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Exception> failures = new CopyOnWriteArrayList<>();

  public ScriptedServer(Script script) {
    this(ServerSocketFactory.getDefault(), script);
  }

  /** With an {@code SSLServerSocketFactory}: a TLS server. */
  public ScriptedServer(ServerSocketFactory sockets, Script script) {
    this.script = script;
    try {
      listening = sockets.createServerSocket(0, 256, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** Reads a request, sends {@code answer}, closes. */
  public static Script responding(String response) {
    return connection -> {
      connection.readHead();
      connection.send(response);
    };
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      script.run(new Connection(socket));
    } catch (Exception e) {
      failures.add(e);
    } finally {
      open.remove(socket);
    }
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** What scripts threw, oldest first. */
  public List<Exception> failures() {
    return failures;
  }

  /** Connections whose script has not ended. */
  public int open() {
    return open.size();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
