package dev.understudy.admin.port;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * Where a client comes from, as far as it has one share of what is bounded: an IPv4 address, or the
 * /56 of an IPv6 address. Even a home should get significantly more than one /64 (RFC 6177 §2); a
 * /56 is a usual assignment. Many operators may share one network, behind address translation or
 * {@code kubectl port-forward}.
 */
public record ClientNetwork(String prefix) {
  private static final int IPV6_PREFIX = 7;

  public static ClientNetwork of(ServerRequest request) {
    return of(request.remoteAddress().orElse(null));
  }

  public static ClientNetwork of(@Nullable SocketAddress client) {
    if (!(client instanceof InetSocketAddress inet) || inet.getAddress() == null) {
      return new ClientNetwork("");
    }
    InetAddress address = inet.getAddress();
    byte[] bytes = address.getAddress();
    return new ClientNetwork(
        bytes.length > IPV6_PREFIX
            ? HexFormat.of().formatHex(bytes, 0, IPV6_PREFIX)
            : address.getHostAddress());
  }
}
