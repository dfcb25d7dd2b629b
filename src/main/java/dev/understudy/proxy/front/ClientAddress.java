package dev.understudy.proxy.front;

import dev.understudy.proxy.http.ClientConnection;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Whom a connection is from. */
final class ClientAddress {
  /** Where Reactor Netty leaves what a PROXY protocol header said. */
  private static final AttributeKey<@Nullable InetSocketAddress> FROM_PROXY_PROTOCOL =
      AttributeKey.valueOf("remoteAddressFromProxyProtocol");

  private static final InetSocketAddress UNKNOWN = new InetSocketAddress(0);

  private ClientAddress() {}

  /**
   * To be asked when a request has come, and not before: until then a PROXY protocol header may be
   * on its way.
   *
   * @param connection the TCP connection's channel
   */
  static ClientConnection of(Channel connection) {
    InetSocketAddress proxied = fromProxyProtocol(connection);
    int port = inet(connection.localAddress()).getPort();
    return new ClientConnection(
        proxied == null ? inet(connection.remoteAddress()) : proxied,
        port,
        connection.pipeline().get(SslHandler.class) != null);
  }

  /** What a PROXY protocol header has said; null: none has. */
  static @Nullable InetSocketAddress fromProxyProtocol(Channel connection) {
    return connection.attr(FROM_PROXY_PROTOCOL).get();
  }

  private static InetSocketAddress inet(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress known ? known : UNKNOWN;
  }
}
