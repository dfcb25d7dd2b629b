package dev.understudy.testing;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.RetryAllowance;
import dev.understudy.proxy.http.TimeLimits;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.traffic.MatchedRoute;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Requests as the engine gets them. */
public final class TestRequests {
  private TestRequests() {}

  /** A connection to the main listener. */
  public static ClientConnection client(InetSocketAddress remote, int localPort, boolean tls) {
    return new ClientConnection(
        remote,
        new InetSocketAddress("127.0.0.1", localPort),
        tls,
        ClientConnection.MAIN,
        null,
        null,
        change -> {});
  }

  /** A request whose target and {@code Host} are those that the client sent. */
  public static ProxyRequest request(
      MatchedRoute route,
      PoolId pool,
      @Nullable ServerId prefer,
      HttpMethod method,
      String target,
      HttpVersion version,
      HttpHeaders headers,
      boolean body,
      @Nullable UpgradeOffer upgrade,
      ClientConnection client) {
    String host = headers.get(HttpHeaderNames.HOST);
    return new ProxyRequest(
        target,
        host,
        route,
        pool,
        prefer,
        method,
        target,
        version,
        headers,
        body,
        upgrade,
        RetryAllowance.UNLIMITED,
        TimeLimits.NONE,
        client);
  }
}
