package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.proxy.front.ConnectionLimits;
import dev.understudy.proxy.front.FrontDoor;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import reactor.netty.http.server.HttpServer;

/**
 * One open port of the dynamic file that serves HTTP.
 *
 * <p>Its socket accepts no connection before {@link #accept}; until then clients wait in the
 * kernel's accept queue.
 */
final class HttpListener {
  /** The time limit to bind a port, which asks nobody on the network. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final FrontDoor door;
  private final boolean proxied;
  private final Channel socket;
  private final AcceptQueue queue;
  private volatile Listener settings;

  private HttpListener(Listener settings, FrontDoor door, Channel socket, AcceptQueue queue) {
    this.settings = settings;
    this.door = door;
    this.proxied = settings.proxyProtocol();
    this.socket = socket;
    this.queue = queue;
  }

  /**
   * Binds the listener's port.
   *
   * @param server makes the server of a function that takes its socket once it is bound
   * @throws RuntimeException if the port cannot be bound
   */
  static HttpListener bind(
      Listener settings,
      FrontDoor door,
      Listening listening,
      Function<java.util.function.Consumer<Channel>, HttpServer> server) {
    CompletableFuture<AcceptQueue> queue = new CompletableFuture<>();
    Channel socket =
        server
            .apply(bound -> queue.complete(listening.add(bound)))
            .option(ChannelOption.AUTO_READ, false)
            .bindNow(TIMEOUT)
            .channel();
    return new HttpListener(settings, door, socket, queue.join());
  }

  Listener settings() {
    return settings;
  }

  /** Notes other settings for the same socket. */
  void use(Listener next) {
    settings = next;
  }

  /** The port, also if any free one was asked for. */
  int port() {
    return ((java.net.InetSocketAddress) Objects.requireNonNull(socket.localAddress())).getPort();
  }

  /** Begins to accept connections. */
  void accept() {
    ConnectionLimits limits = door.connections();
    execute(() -> limits.listen(socket, !proxied));
  }

  private void execute(Runnable task) {
    try {
      socket.eventLoop().execute(task);
    } catch (RejectedExecutionException stopped) {
      // The process is ending.
    }
  }

  /**
   * Closes the socket, then the connections that have no request; all others end with their
   * requests. Tunnels stay.
   *
   * @return completed when the port is free
   */
  CompletionStage<Void> close() {
    CompletableFuture<Void> closed = queue.close();
    return closed.thenRun(door::drainListener);
  }
}
