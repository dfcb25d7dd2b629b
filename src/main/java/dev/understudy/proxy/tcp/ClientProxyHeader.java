package dev.understudy.proxy.tcp;

import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The addresses in a PROXY protocol header, version 1 or 2.
 *
 * @param source the client's address
 * @param destination the address that it connected to
 */
record ClientProxyHeader(InetSocketAddress source, InetSocketAddress destination) {
  /** Bytes of additional fields of a header of version 2, which are ignored. */
  private static final int MAX_FIELDS = 4096;

  /** A handler that decodes the header, passes an {@link HAProxyMessage} on and removes itself. */
  static ChannelHandler decoder() {
    return new HAProxyMessageDecoder(MAX_FIELDS);
  }

  /**
   * The addresses of the header; null if it has none, as one of a health check of the proxy before
   * us: then the connection's own count.
   */
  static @Nullable ClientProxyHeader of(HAProxyMessage header) {
    boolean tcp =
        header.proxiedProtocol() == HAProxyProxiedProtocol.TCP4
            || header.proxiedProtocol() == HAProxyProxiedProtocol.TCP6;
    if (header.command() == HAProxyCommand.LOCAL || !tcp) {
      return null;
    }
    return new ClientProxyHeader(
        address(header.sourceAddress(), header.sourcePort()),
        address(header.destinationAddress(), header.destinationPort()));
  }

  private static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(literal), port);
  }
}
