package dev.understudy.bench.faults;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** An agent beside a server, which may be gone: then connections are refused. */
final class Agent implements AutoCloseable {
  private static final String GOOD = "up ready";

  private final InetSocketAddress address;
  private ServerSocket listener;
  private volatile String words = GOOD;

  private Agent(InetSocketAddress address) throws IOException {
    this.address = address;
    this.listener = listen();
  }

  static Agent start(InetSocketAddress address) throws IOException {
    return new Agent(address);
  }

  int port() {
    return address.getPort();
  }

  private ServerSocket listen() throws IOException {
    ServerSocket opened = new ServerSocket();
    opened.setReuseAddress(true);
    opened.bind(address);
    Thread.ofVirtual().start(() -> serve(opened));
    return opened;
  }

  private void serve(ServerSocket opened) {
    while (!opened.isClosed()) {
      try (Socket connection = opened.accept()) {
        connection.getOutputStream().write((words + "\n").getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        continue; // It asks again, or nobody shall.
      }
    }
  }

  void say(String next) {
    words = next;
  }

  void leave() throws IOException {
    listener.close();
  }

  /** Says that all is good. */
  void comeBack() throws IOException {
    words = GOOD;
    listener.close();
    listener = listen();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
