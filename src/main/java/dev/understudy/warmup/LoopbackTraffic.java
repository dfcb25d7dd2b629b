package dev.understudy.warmup;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;

/**
 * Clients and the server behind a proxy, all in the thread that calls {@link #send}, so that they
 * cost little and compile nothing that the proxy shares.
 *
 * <p>A client sends its next request when it has the response; one in four times on a new
 * connection, and so does the proxy. A client whose response is not the expected one sends nothing
 * more.
 */
public final class LoopbackTraffic implements AutoCloseable {
  /** The clients; each has one connection. */
  static final int CLIENTS = 32;

  /** The longest wait for something to happen before the end is judged again. */
  private static final long LOOK_MILLIS = 20;

  private final Selector selector;
  private final ServerSocketChannel server;

  /** Exchanges that ended as they should. */
  private long exchanges;

  private int clients;

  private LoopbackTraffic(Selector selector, ServerSocketChannel server) {
    this.selector = selector;
    this.server = server;
  }

  /** Opens the server on a free port. */
  public static LoopbackTraffic open() throws IOException {
    Selector selector = Selector.open();
    try {
      ServerSocketChannel server = ServerSocketChannel.open();
      LoopbackTraffic opened = new LoopbackTraffic(selector, server);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      return opened;
    } catch (IOException e) {
      selector.close();
      throw e;
    }
  }

  /** The server's port. */
  public int port() throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  /**
   * Sends requests through the proxy until they are enough, or no client is left.
   *
   * @param proxy its port on the loopback interface
   * @param proxied whether each connection begins with a header of the PROXY protocol
   * @param pause how long to rest now, in ns
   * @param done whether so many requests that were responded to are enough
   * @return the number of requests that were responded to
   */
  public long send(int proxy, boolean proxied, LongSupplier pause, LongPredicate done)
      throws IOException {
    InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy);
    for (int i = 0; i < CLIENTS; i++) {
      clients++;
      new LoopbackClient(this, to, proxied, i).connect();
    }
    while (clients > 0 && !done.test(exchanges)) {
      selector.select(this::ready, LOOK_MILLIS);
      long rest = pause.getAsLong();
      if (rest > 0) {
        LockSupport.parkNanos(rest);
      }
    }
    return exchanges;
  }

  private void ready(SelectionKey key) {
    if (key.attachment() instanceof LoopbackEnd end) {
      end.ready();
    } else {
      accept();
    }
  }

  private void accept() {
    try {
      SocketChannel accepted = server.accept();
      if (accepted != null) {
        accepted.configureBlocking(false);
        accepted.register(selector, SelectionKey.OP_READ, new LoopbackServer(accepted));
      }
    } catch (IOException e) {
      // The proxy's attempt fails too, and the client that waits for it ends.
    }
  }

  void register(SocketChannel channel, LoopbackEnd end) throws IOException {
    channel.register(selector, SelectionKey.OP_READ, end);
  }

  void exchanged() {
    exchanges++;
  }

  void ended() {
    clients--;
  }

  /** Closes all connections. */
  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    server.close();
    selector.close();
  }
}
