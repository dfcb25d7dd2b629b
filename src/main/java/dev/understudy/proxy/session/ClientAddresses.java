package dev.understudy.proxy.session;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** Sessions shown by the client's address, as {@link TrustedProxies#clientAddress} finds it. */
final class ClientAddresses extends SessionStore {
  private final Sessions sessions;
  private final TrustedProxies trusted;

  ClientAddresses(Pool pool, Sessions sessions, TrustedProxies trusted) {
    super(pool);
    this.sessions = sessions;
    this.trusted = trusted;
  }

  @Override
  public @Nullable Session session(ProxyRequest request) {
    IpAddress client = trusted.clientAddress(request.client(), request.headers());
    return client == null ? null : sessions.session(sessions.hash(client));
  }

  @Override
  @Nullable String responded(
      ProxyRequest request, ServerId server, boolean begins, HttpHeaders response) {
    IpAddress client = begins ? trusted.clientAddress(request.client(), request.headers()) : null;
    if (client != null) {
      sessions.keep(sessions.hash(client), server, System.nanoTime());
    }
    return null;
  }
}
