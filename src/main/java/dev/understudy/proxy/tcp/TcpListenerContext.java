package dev.understudy.proxy.tcp;

import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerNamePatterns;
import io.netty.handler.ssl.SslContext;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A listener of TCP connections as a connection sees it when it is accepted; immutable. */
public final class TcpListenerContext {
  private final Listener listener;
  private final @Nullable Supplier<SslContext> tls;

  /** Pools by patterns of server names; null closes the connection. */
  private final Map<String, @Nullable PoolId> names;

  private final ProtocolTable protocols;

  /**
   * Creates what the connections of one listener share.
   *
   * @param tls supplies the context of TLS that ends here; called on an event loop for each
   *     connection, so it must not block; null if bytes are passed on as they come
   */
  public TcpListenerContext(Listener listener, @Nullable Supplier<SslContext> tls) {
    this.listener = listener;
    this.tls = tls;
    this.names = new HashMap<>(listener.serverNames());
    this.protocols = new ProtocolTable(listener.protocols());
  }

  Listener listener() {
    return listener;
  }

  @Nullable Supplier<SslContext> tls() {
    return tls;
  }

  /** Whether the pool depends on the server name. */
  boolean asksForName() {
    return !names.isEmpty();
  }

  ProtocolTable protocols() {
    return protocols;
  }

  /** Whether the pool depends on what a client sends before TLS ends. */
  boolean inspects() {
    return tls == null && (asksForName() || !listener.protocols().isEmpty());
  }

  /**
   * The pool of a client; null if there is none.
   *
   * @param serverName null if it asks for none
   * @param byProtocol the pool of what it sends first; null if that has none
   */
  @Nullable PoolId pool(@Nullable String serverName, @Nullable PoolId byProtocol) {
    String known = serverName == null ? null : ServerNamePatterns.fit(names.keySet(), serverName);
    if (known != null) {
      return names.get(known);
    }
    return byProtocol == null ? listener.pool() : byProtocol;
  }
}
