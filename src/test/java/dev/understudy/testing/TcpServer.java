package dev.understudy.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A server on TCP whose connections a test takes one by one. */
public final class TcpServer implements AutoCloseable {
  private final ServerSocket listening;

  public TcpServer() throws IOException {
    this(0);
  }

  public TcpServer(int port) throws IOException {
    listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    listening.setSoTimeout(20_000);
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** The next connection, awaited for 20 s; reads of it fail after as long. */
  public Socket accept() throws IOException {
    Socket socket = listening.accept();
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** Whether a connection waits to be accepted, after that many milliseconds at most. */
  public boolean isAskedWithin(int millis) throws IOException {
    listening.setSoTimeout(millis);
    try (Socket socket = listening.accept()) {
      return socket.isConnected();
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } finally {
      listening.setSoTimeout(20_000);
    }
  }

  /** Refuses connections from now on; accepted ones stay. */
  @Override
  public void close() throws IOException {
    listening.close();
  }
}
