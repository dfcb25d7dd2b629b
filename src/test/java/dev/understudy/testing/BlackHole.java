package dev.understudy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** An address that answers no connection attempt: its accept backlog is full. */
public final class BlackHole implements AutoCloseable {
  private final ServerSocket listening;
  private final List<Socket> fill = new ArrayList<>();

  public BlackHole() {
    try {
      listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      while (connects()) {
        if (fill.size() > 64) {
          throw new IllegalStateException("the backlog never fills");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean connects() throws IOException {
    Socket socket = new Socket();
    fill.add(socket);
    try {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), 300);
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  public int port() {
    return listening.getLocalPort();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : fill) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
