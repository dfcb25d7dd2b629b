package dev.understudy.proxy.tcp;

import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import io.netty.handler.ssl.SslContext;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A listener of TCP connections as a connection sees it when it is accepted; immutable. */
public final class TcpListenerContext {
  private final Listener listener;
  private final @Nullable Supplier<SslContext> tls;

  /** Pools by server name in lower case, or {@code *.} and the rest of one. */
  private final Map<String, PoolId> names;

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
    this.names = Map.copyOf(listener.serverNames());
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
    PoolId named = serverName == null ? null : named(serverName);
    PoolId known = named == null ? byProtocol : named;
    return known == null ? listener.pool() : known;
  }

  /** Two look-ups in a hash table, whatever its size. */
  private @Nullable PoolId named(String serverName) {
    String full = serverName.toLowerCase(Locale.ROOT);
    String name = full.endsWith(".") ? full.substring(0, full.length() - 1) : full;
    PoolId exact = names.get(name);
    if (exact != null) {
      return exact;
    }
    int dot = name.indexOf('.');
    return dot < 0 ? null : names.get("*" + name.substring(dot));
  }
}
