package dev.understudy.fairness;

import dev.understudy.network.IpAddress;
import java.net.SocketAddress;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The part of the network that has one share of a bounded resource: an IPv4 address, or the /56 of
 * an IPv6 address. Even a home should get significantly more than one /64 (RFC 6177 §2); a /56 is a
 * usual assignment. Many operators may share one network, behind address translation or {@code
 * kubectl port-forward}.
 */
public record ClientNetwork(String prefix) {
  private static final int IPV6_PREFIX = 7;

  /** The network of a socket's address; one for all whose address is not known. */
  public static ClientNetwork of(@Nullable SocketAddress client) {
    return of(IpAddress.of(client));
  }

  /** The network of an address; one for all whose address is not known. */
  public static ClientNetwork of(@Nullable IpAddress address) {
    if (address == null) {
      return new ClientNetwork("");
    }
    return new ClientNetwork(
        address.isV4()
            ? address.toString()
            : HexFormat.of().formatHex(address.inet().getAddress(), 0, IPV6_PREFIX));
  }
}
