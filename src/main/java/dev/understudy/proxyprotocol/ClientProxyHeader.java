package dev.understudy.proxyprotocol;

import dev.understudy.network.IpAddress;
import java.net.InetSocketAddress;

/**
 * The addresses in a PROXY protocol header that a client's connection began with.
 *
 * @param source the client's address
 * @param destination the address that it connected to
 */
public record ClientProxyHeader(InetSocketAddress source, InetSocketAddress destination) {
  static ClientProxyHeader of(IpAddress from, int fromPort, IpAddress to, int toPort) {
    return new ClientProxyHeader(
        new InetSocketAddress(from.inet(), fromPort), new InetSocketAddress(to.inet(), toPort));
  }
}
