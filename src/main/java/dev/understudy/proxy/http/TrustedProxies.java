package dev.understudy.proxy.http;

import dev.understudy.network.Networks;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The networks whose {@code X-Forwarded-*} and {@code Forwarded} fields are trusted. */
public final class TrustedProxies {
  /** Trusts no peer. */
  public static final TrustedProxies NONE = of(List.of());

  private final Networks networks;
  private final boolean none;

  private TrustedProxies(Networks networks, boolean none) {
    this.networks = networks;
    this.none = none;
  }

  /**
   * Reads {@link Networks}.
   *
   * @throws IllegalArgumentException if a text is no network; the message says the expected form
   */
  public static TrustedProxies of(List<String> cidrs) {
    return new TrustedProxies(
        Networks.of(cidrs.stream().map(String::trim).toList()), cidrs.isEmpty());
  }

  /** Whether the peer is a trusted proxy. */
  public boolean trusts(InetAddress peer) {
    return networks.contains(peer);
  }

  /** Whether the connection's peer is a trusted proxy. */
  public boolean trusts(ClientConnection client) {
    InetAddress peer = client.remote().getAddress();
    return peer != null && trusts(peer);
  }

  /**
   * Whether the client used TLS: on this connection, or according to the {@code X-Forwarded-Proto}
   * of a trusted proxy.
   *
   * @param headers the request's fields as received
   */
  public boolean isTls(ClientConnection client, HttpHeaders headers) {
    if (client.tls() || none || !trusts(client)) {
      return client.tls();
    }
    String proto = headers.get("x-forwarded-proto");
    if (proto == null) {
      return false;
    }
    int comma = proto.indexOf(',');
    String first = (comma < 0 ? proto : proto.substring(0, comma)).trim();
    return first.equalsIgnoreCase("https") || first.equalsIgnoreCase("wss");
  }

  /**
   * The address of the client: the connection's peer or, if that is a trusted proxy, the last one
   * in {@code X-Forwarded-For} that is not; the proxy's own if there is none. What comes before the
   * first text that is no address is not trusted.
   *
   * @param forwardedFor supplies the lines of the field as received
   * @return null if the peer's address is not known
   */
  public @Nullable InetAddress clientAddress(
      ClientConnection client, Supplier<List<String>> forwardedFor) {
    InetAddress address = client.remote().getAddress();
    if (none || address == null || !trusts(address)) {
      return address;
    }
    List<String> lines = forwardedFor.get();
    for (int line = lines.size() - 1; line >= 0; line--) {
      String text = lines.get(line);
      for (int end = text.length(); end >= 0; ) {
        int comma = text.lastIndexOf(',', end - 1);
        InetAddress next = forwarded(text.substring(comma + 1, end).trim());
        if (next == null) {
          return address;
        }
        address = next;
        if (!trusts(address)) {
          return address;
        }
        end = comma;
      }
    }
    return address;
  }

  /**
   * Returns {@link #clientAddress(ClientConnection, Supplier)} of a request with these fields.
   *
   * @param headers the request's fields as received
   */
  public @Nullable InetAddress clientAddress(ClientConnection client, HttpHeaders headers) {
    return clientAddress(client, () -> headers.getAll("x-forwarded-for"));
  }

  /** Parses an element of {@code X-Forwarded-For}, which may have a port; null if it is none. */
  private static @Nullable InetAddress forwarded(String text) {
    String address = text;
    if (text.startsWith("[")) {
      address = text.substring(1, Math.max(1, text.indexOf(']')));
    } else if (text.indexOf('.') > 0 && text.indexOf(':') > text.indexOf('.')) {
      address = text.substring(0, text.indexOf(':'));
    }
    return NetUtil.createInetAddressFromIpAddressString(address);
  }
}
