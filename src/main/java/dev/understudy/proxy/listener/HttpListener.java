package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.proxy.front.ConnectionLimits;
import dev.understudy.proxy.front.FrontDoor;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
  private final @Nullable CurrentSslContext tls;
  private final Channel socket;
  private final AcceptQueue queue;
  private volatile Listener settings;

  private HttpListener(
      Listener settings,
      FrontDoor door,
      @Nullable CurrentSslContext tls,
      Channel socket,
      AcceptQueue queue) {
    this.settings = settings;
    this.door = door;
    this.tls = tls;
    this.socket = socket;
    this.queue = queue;
  }

  /**
   * Binds the listener's port.
   *
   * @param tls the context of each connection; null without TLS
   * @param server makes the server of a function that takes its socket once it is bound
   * @throws RuntimeException if the port cannot be bound
   */
  static HttpListener bind(
      Listener settings,
      FrontDoor door,
      @Nullable CurrentSslContext tls,
      Listening listening,
      Function<Consumer<Channel>, HttpServer> server) {
    CompletableFuture<AcceptQueue> queue = new CompletableFuture<>();
    Channel socket =
        server
            .apply(bound -> queue.complete(listening.add(bound)))
            .option(ChannelOption.AUTO_READ, false)
            .bindNow(TIMEOUT)
            .channel();
    return new HttpListener(settings, door, tls, socket, queue.join());
  }

  Listener settings() {
    return settings;
  }

  /** Whether these settings need no other socket. */
  boolean canUse(Listener next) {
    ListenerTls ours = settings.tls();
    ListenerTls its = next.tls();
    return settings.id().equals(next.id())
        && Objects.equals(settings.address(), next.address())
        && settings.port() == next.port()
        && settings.proxyProtocol() == next.proxyProtocol()
        && (ours == null) == (its == null)
        && (ours == null || its == null || ours.http2() == its.http2());
  }

  /**
   * Changes the settings, and the TLS of connections that begin from now on. Those that have shown
   * their certificates by other rules end.
   *
   * @param contexts null without TLS
   */
  void use(Listener next, @Nullable Supplier<SslContext> contexts) {
    boolean judgedOtherwise = judgesClientsOtherwise(settings.tls(), next.tls());
    settings = next;
    if (tls != null && contexts != null) {
      tls.use(contexts);
    }
    if (judgedOtherwise) {
      door.dismissConnections();
    }
  }

  private static boolean judgesClientsOtherwise(
      @Nullable ListenerTls before, @Nullable ListenerTls next) {
    return before != null
        && next != null
        && (before.clientAuth() != next.clientAuth()
            || !before.clientAuthorities().equals(next.clientAuthorities()));
  }

  /** The port, also if any free one was asked for. */
  int port() {
    return ((InetSocketAddress) Objects.requireNonNull(socket.localAddress())).getPort();
  }

  /** Begins to accept connections. */
  void accept() {
    ConnectionLimits limits = door.connections();
    boolean proxied = settings.proxyProtocol();
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
