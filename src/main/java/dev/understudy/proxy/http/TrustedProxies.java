package dev.understudy.proxy.http;

import dev.understudy.network.IpAddress;
import dev.understudy.network.Networks;
import io.netty.handler.codec.http.HttpHeaders;
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

  /** Whether the connection's peer is a trusted proxy. */
  public boolean trusts(ClientConnection client) {
    return !none && networks.contains(client.address());
  }

  /**
   * Whether the client used TLS: on this connection, or according to the {@code X-Forwarded-Proto}
   * of trusted proxies.
   *
   * @param headers the request's fields as received
   */
  public boolean isTls(ClientConnection client, HttpHeaders headers) {
    if (client.tls() || !trusts(client)) {
      return client.tls();
    }
    String proto = ofClient(headers, ForwardedHeaders.PROTO);
    return "https".equalsIgnoreCase(proto) || "wss".equalsIgnoreCase(proto);
  }

  /**
   * What the trusted proxies say of the client's own connection in a field to which each of them
   * may add an element: the element at the place, counted from the end, that the client's address
   * has in {@code X-Forwarded-For}. If there are fewer elements, as of a proxy that only sets the
   * field, the first one. What the client itself sent before these is not looked at.
   *
   * @param headers of a trusted peer, as received
   * @return null if the field has no element
   */
  @Nullable String ofClient(HttpHeaders headers, CharSequence name) {
    Elements said = new Elements(headers.getAll(name));
    String found = said.previous();
    if (found == null) {
      return null;
    }
    Elements addresses = new Elements(headers.getAll(ForwardedHeaders.FOR));
    while (networks.contains(addresses.previousAddress())) {
      String before = said.previous();
      if (before == null) {
        break;
      }
      found = before;
    }
    return found;
  }

  /**
   * The address of the client: the connection's peer or, if that is a trusted proxy, the last one
   * in {@code X-Forwarded-For} that is not; the proxy's own if there is none. What comes before the
   * first text that is no address is not trusted.
   *
   * @param forwardedFor supplies the lines of the field as received
   * @return null if the peer's address is not known
   */
  public @Nullable IpAddress clientAddress(
      ClientConnection client, Supplier<List<String>> forwardedFor) {
    IpAddress address = client.address();
    if (!trusts(client)) {
      return address;
    }
    Elements elements = new Elements(forwardedFor.get());
    for (IpAddress next = elements.previousAddress();
        next != null;
        next = elements.previousAddress()) {
      address = next;
      if (!networks.contains(address)) {
        break;
      }
    }
    return address;
  }

  /**
   * Returns {@link #clientAddress(ClientConnection, Supplier)} of a request with these fields.
   *
   * @param headers the request's fields as received
   */
  public @Nullable IpAddress clientAddress(ClientConnection client, HttpHeaders headers) {
    return clientAddress(client, () -> headers.getAll(ForwardedHeaders.FOR));
  }

  /** The elements of a field, from the last one of the last line to the first one. */
  private static final class Elements {
    private final List<String> lines;
    private int line;
    private int end;

    Elements(List<String> lines) {
      this.lines = lines;
      this.line = lines.size();
      this.end = -1;
    }

    /** The element before; null if there is none. */
    @Nullable String previous() {
      if (end < 0) {
        if (line == 0) {
          return null;
        }
        line--;
        end = lines.get(line).length();
      }
      String text = lines.get(line);
      int comma = text.lastIndexOf(',', end - 1);
      String element = text.substring(comma + 1, end).trim();
      end = comma;
      return element;
    }

    /** The element before as an address; null if it is none, or there is none. */
    @Nullable IpAddress previousAddress() {
      String element = previous();
      return element == null ? null : IpAddress.parseNode(element);
    }
  }
}
