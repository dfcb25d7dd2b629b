package dev.understudy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * A port on 127.0.0.1 that never responds, not even to a SYN: a listening socket whose queue is
 * full and stays so.
 */
public final class BlackHole implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 64;
  private static final int HANGS_AFTER_MILLIS = 300;

  private final ServerSocket listening;
  private final List<Socket> queued = new ArrayList<>();

  public BlackHole() {
    try {
      listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      fill();
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(e);
    }
  }

  private void fill() throws IOException {
    while (queued.size() < MOST_CONNECTIONS) {
      Socket socket = new Socket();
      queued.add(socket);
      try {
        socket.connect(address(), HANGS_AFTER_MILLIS);
      } catch (SocketTimeoutException e) {
        return;
      }
    }
    throw new IllegalStateException("the queue never filled");
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  public int port() {
    return listening.getLocalPort();
  }

  /**
   * Responds from now on: whoever waits is connected when its system tries again, about 1 s later.
   *
   * @return the first connection that was awaited; reads of it fail after 20 s
   */
  public Socket open() throws IOException {
    List<SocketAddress> mine = queued.stream().map(Socket::getLocalSocketAddress).toList();
    listening.setSoTimeout(20_000);
    Socket next = listening.accept();
    while (mine.contains(next.getRemoteSocketAddress())) {
      next.close();
      next = listening.accept();
    }
    next.setSoTimeout(20_000);
    return next;
  }

  @Override
  public void close() {
    try {
      if (listening != null) {
        listening.close();
      }
      for (Socket socket : queued) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
