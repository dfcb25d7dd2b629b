package dev.understudy.proxy.tcp;

import dev.understudy.pool.Listener;
import io.netty.handler.ssl.SslContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A listener of TCP connections as a connection sees it when it is accepted; immutable. */
public final class TcpFront {
  private final Listener listener;
  private final @Nullable Supplier<SslContext> tls;
  private final ServerNames names;

  /**
   * Creates a listener's front.
   *
   * @param tls supplies the context of TLS that ends here; called on an event loop for each
   *     connection, so it must not block; null if bytes are passed on as they come
   */
  public TcpFront(Listener listener, @Nullable Supplier<SslContext> tls) {
    this.listener = listener;
    this.tls = tls;
    this.names = new ServerNames(listener);
  }

  Listener listener() {
    return listener;
  }

  @Nullable Supplier<SslContext> tls() {
    return tls;
  }

  ServerNames names() {
    return names;
  }
}
