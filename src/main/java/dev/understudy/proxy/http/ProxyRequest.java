package dev.understudy.proxy.http;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.MatchedRoute;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * A request to be forwarded.
 *
 * @param clientTarget the target in the form in which the client sent it, as logged
 * @param clientHost the client's {@code Host}; null if it sent none
 * @param route the route that matched
 * @param prefer the server to use while it is usable (HAProxy {@code use-server}); null for none
 * @param target the target in origin-form, byte for byte as it is sent upstream
 * @param version the client's HTTP version
 * @param headers the client's fields after {@link RequestSanitizer} and the route's filters; the
 *     engine copies the fields to relay and leaves out the standard hop-by-hop fields
 * @param body whether a body follows (RFC 9112 §6.3); if false the engine expects no {@code
 *     Exchange.requestBody} and no {@code Exchange.requestEnd}
 * @param upgrade the protocols to which the server may switch; null for none
 * @param retries bounds how often the request is sent again
 * @param timeLimits in place of the pool's limit for responses
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
    @Nullable UpgradeOffer upgrade,
    RetryAllowance retries,
    TimeLimits timeLimits,
    ClientConnection client) {

  /** Whether it is a handshake that lacks its key, which no server accepts (RFC 6455 §4.2.1). */
  public boolean isHandshakeWithoutKey() {
    return upgrade != null && upgrade.isWebSocket() && WebSocketHandshake.key(headers) == null;
  }

  /** Whether it asks for a protocol that is unknown here; a replay of it might do anything. */
  public boolean isOfUnknownProtocol() {
    return upgrade != null && !upgrade.isWebSocket();
  }
}
