package dev.understudy.conformance.migration;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A TCP server that sends its name at once, whatever clients send, and ends. */
final class NamedTcpServer implements AutoCloseable {
  private final ServerSocket listener;

  private NamedTcpServer(ServerSocket listener) {
    this.listener = listener;
  }

  static NamedTcpServer start(String name) throws IOException {
    ServerSocket listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name(name).start(() -> accept(listener, name));
    return new NamedTcpServer(listener);
  }

  int port() {
    return listener.getLocalPort();
  }

  private static void accept(ServerSocket listener, String name) {
    try {
      while (true) {
        Socket connection = listener.accept();
        Thread.ofVirtual().start(() -> serve(connection, name));
      }
    } catch (IOException e) {
      return; // Closed.
    }
  }

  private static void serve(Socket connection, String name) {
    try (connection) {
      connection.getOutputStream().write(name.getBytes(StandardCharsets.US_ASCII));
      connection.shutdownOutput();
      connection.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      return; // Gone.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
