package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One open port of the dynamic file, which accepts no connection before {@link #accept}; until then
 * clients wait in the kernel's accept queue.
 */
sealed interface DynamicListener permits HttpListener, TcpListener {
  /** Binds the ports of listeners. */
  @FunctionalInterface
  interface Binder {
    /**
     * Binds a listener's port.
     *
     * @param contexts of its connections; null without TLS
     * @throws RuntimeException if it cannot be bound; {@link BindFailureText} says why
     */
    DynamicListener bind(Listener settings, @Nullable TlsSupply contexts);
  }

  /** The address on which a listener is bound. */
  static InetSocketAddress address(Listener settings) {
    String literal = settings.address();
    return literal == null
        ? new InetSocketAddress(settings.port())
        : new InetSocketAddress(
            NetUtil.createInetAddressFromIpAddressString(literal), settings.port());
  }

  Listener settings();

  /** Whether these settings need no other socket. */
  boolean canUse(Listener next);

  /**
   * Changes the settings, and the TLS of connections that begin from now on.
   *
   * @param contexts of its connections; null without TLS
   */
  void use(Listener next, @Nullable TlsSupply contexts);

  /** The port, also if any free one was asked for. */
  int port();

  /** The open sockets. */
  LoopSockets sockets();

  /** Begins to accept connections. */
  void accept();

  /**
   * Closes the socket; connections end with their requests, and those that became tunnels or are
   * relayed stay.
   *
   * @return completed when the port is free, but for NIO, which frees it in its loop's next turn
   */
  CompletionStage<Void> close();
}
