package dev.understudy.proxy.tcp;

import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import io.netty.handler.ssl.SslContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A listener of TCP connections as a connection sees it when it is accepted; immutable. */
public final class TcpFront {
  private final Listener listener;
  private final @Nullable Supplier<SslContext> tls;
  private final ServerNames names;
  private final ProtocolTable protocols;

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
    this.protocols = new ProtocolTable(listener.protocols());
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

  ProtocolTable protocols() {
    return protocols;
  }

  /** Whether the pool depends on what a client sends before TLS ends. */
  boolean inspects() {
    return tls == null && (names.isAsked() || !listener.protocols().isEmpty());
  }

  /**
   * The pool of a client; null if there is none.
   *
   * @param serverName null if it asks for none
   * @param byProtocol the pool of what it sends first; null if that has none
   */
  @Nullable PoolId pool(@Nullable String serverName, @Nullable PoolId byProtocol) {
    PoolId named = names.pool(serverName);
    PoolId known = named == null ? byProtocol : named;
    return known == null ? listener.pool() : known;
  }
}
