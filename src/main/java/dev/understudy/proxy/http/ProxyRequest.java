package dev.understudy.proxy.http;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.MatchedRoute;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * What is to be forwarded.
 *
 * @param clientTarget as the client sent it, in whichever form; what logs show
 * @param clientHost what the client's {@code Host} says; null: it has none
 * @param route the one that matched
 * @param prefer the server to use while it is usable (HAProxy {@code use-server}); null: none
 * @param target origin-form, byte for byte as it is to be sent
 * @param version the client's
 * @param headers the client's, by {@link RequestSanitizer}, changed by filters; the engine copies
 *     what goes on and leaves out the hop-by-hop fields that have a name
 * @param body whether a body follows (RFC 9112 §6.3); if false the engine expects no {@code
 *     Exchange.requestBody} and no {@code Exchange.requestEnd}
 * @param webSocket whether this is a proper WebSocket handshake (RFC 6455 §4.1)
 */
public record ProxyRequest(
    String clientTarget,
    @Nullable String clientHost,
    MatchedRoute route,
    PoolId pool,
    @Nullable ServerId prefer,
    HttpMethod method,
    String target,
    HttpVersion version,
    HttpHeaders headers,
    boolean body,
    boolean webSocket,
    ClientConnection client) {

  /** A request whose target and {@code Host} nobody has changed. */
  public ProxyRequest(
      MatchedRoute route,
      PoolId pool,
      @Nullable ServerId prefer,
      HttpMethod method,
      String target,
      HttpVersion version,
      HttpHeaders headers,
      boolean body,
      boolean webSocket,
      ClientConnection client) {
    this(
        target,
        headers.get(HttpHeaderNames.HOST),
        route,
        pool,
        prefer,
        method,
        target,
        version,
        headers,
        body,
        webSocket,
        client);
  }
}
