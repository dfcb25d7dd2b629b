package dev.understudy.proxy.front;

import dev.understudy.proxy.http.ClientConnection;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Determines the client of a connection. */
final class ClientAddress {
  /** The attribute in which Reactor Netty stores the address from a PROXY protocol header. */
  private static final AttributeKey<@Nullable InetSocketAddress> FROM_PROXY_PROTOCOL =
      AttributeKey.valueOf("remoteAddressFromProxyProtocol");

  private static final InetSocketAddress UNKNOWN = new InetSocketAddress(0);

  private ClientAddress() {}

  /**
   * Returns the client's connection. Call when a request has arrived, and not before: until then a
   * PROXY protocol header may still be on its way.
   *
   * @param connection the TCP connection's channel
   * @param listener the name of the listener that accepted it
   */
  static ClientConnection of(Channel connection, String listener) {
    InetSocketAddress proxied = fromProxyProtocol(connection);
    int port = inet(connection.localAddress()).getPort();
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    return new ClientConnection(
        proxied == null ? inet(connection.remoteAddress()) : proxied,
        port,
        tls != null,
        listener,
        tls == null ? null : tls.engine().getSession());
  }

  /** Returns the address from a PROXY protocol header; null if there was none. */
  static @Nullable InetSocketAddress fromProxyProtocol(Channel connection) {
    return connection.attr(FROM_PROXY_PROTOCOL).get();
  }

  private static InetSocketAddress inet(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress known ? known : UNKNOWN;
  }
}
