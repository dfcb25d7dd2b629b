package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The networks whose {@code X-Forwarded-*} and {@code Forwarded} fields are trusted. */
public final class TrustedProxies {
  /** Trusts no peer. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  private final List<Network> networks;

  private TrustedProxies(List<Network> networks) {
    this.networks = List.copyOf(networks);
  }

  /**
   * Reads networks such as {@code 10.0.0.0/8}, {@code fd00::/8} or the single address {@code
   * 192.0.2.1} (RFC 4632 §3.1, RFC 4291 §2.3).
   *
   * @throws IllegalArgumentException if a text is no network; the message says the expected form
   */
  public static TrustedProxies of(List<String> cidrs) {
    List<Network> networks = new ArrayList<>();
    for (String cidr : cidrs) {
      networks.add(Network.parse(cidr.trim()));
    }
    return networks.isEmpty() ? NONE : new TrustedProxies(networks);
  }

  /** Whether the peer is a trusted proxy. */
  public boolean trusts(InetAddress peer) {
    if (networks.isEmpty()) {
      return false;
    }
    byte[] address = peer.getAddress();
    for (Network network : networks) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the connection's peer is a trusted proxy. */
  public boolean trusts(ClientConnection client) {
    InetAddress peer = client.remote().getAddress();
    return peer != null && trusts(peer);
  }

  /**
   * The client's address: the connection's peer or, where that is a trusted proxy, the last address
   * in {@code X-Forwarded-For} that is no trusted proxy's; the first of all if all are.
   *
   * @param headers the request's fields as received
   * @return null if the peer is not known
   */
  public @Nullable InetAddress client(ClientConnection client, HttpHeaders headers) {
    InetAddress address = client.remote().getAddress();
    if (networks.isEmpty() || address == null || !trusts(address)) {
      return address;
    }
    List<String> lines = headers.getAll("x-forwarded-for");
    for (int line = lines.size() - 1; line >= 0; line--) {
      String text = lines.get(line);
      for (int end = text.length(); end >= 0; ) {
        int comma = text.lastIndexOf(',', end - 1);
        InetAddress before = literal(text.substring(comma + 1, end).trim());
        if (before == null) {
          return address;
        }
        address = before;
        if (!trusts(address)) {
          return address;
        }
        end = comma;
      }
    }
    return address;
  }

  /** An address literal, also with a port as some proxies write it; null for any other text. */
  private static @Nullable InetAddress literal(String text) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
    int colon = text.lastIndexOf(':');
    if (bytes == null && colon > 0) {
      bytes = NetUtil.createByteArrayFromIpAddressString(text.substring(0, colon));
    }
    try {
      return bytes == null ? null : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /**
   * Whether the client used TLS: on this connection, or according to the {@code X-Forwarded-Proto}
   * of a trusted proxy.
   *
   * @param headers the request's fields as received
   */
  public boolean isTls(ClientConnection client, HttpHeaders headers) {
    if (client.tls() || networks.isEmpty() || !trusts(client)) {
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
    if (networks.isEmpty() || address == null || !trusts(address)) {
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

  @Override
  public String toString() {
    return networks.toString();
  }

  private static final class Network {
    private final byte[] prefix;
    private final int bits;

    private Network(byte[] prefix, int bits) {
      this.prefix = prefix;
      this.bits = bits;
    }

    static Network parse(String text) {
      int slash = text.indexOf('/');
      String host = slash < 0 ? text : text.substring(0, slash);
      byte[] address = address(host, text);
      int max = address.length * 8;
      int bits = slash < 0 ? max : bits(text.substring(slash + 1), max, text);
      for (int i = bits; i < max; i++) {
        address[i / 8] &= (byte) ~(0x80 >> (i % 8));
      }
      return new Network(address, bits);
    }

    /** Parses address literals only, so that no name is ever resolved. */
    private static byte[] address(String host, String text) {
      boolean literal = !host.isEmpty() && host.chars().allMatch(Network::isAddressCharacter);
      boolean v6 = host.indexOf(':') >= 0;
      boolean v4 = !v6 && host.chars().filter(c -> c == '.').count() == 3;
      if (!literal || !(v6 || v4)) {
        throw malformed(text);
      }
      try {
        return InetAddress.getByName(host).getAddress();
      } catch (UnknownHostException e) {
        throw malformed(text);
      }
    }

    private static boolean isAddressCharacter(int c) {
      return Character.digit(c, 16) >= 0 || c == '.' || c == ':';
    }

    private static int bits(String text, int max, String whole) {
      try {
        int bits = Integer.parseInt(text);
        if (bits >= 0 && bits <= max) {
          return bits;
        }
      } catch (NumberFormatException e) {
        throw malformed(whole);
      }
      throw malformed(whole);
    }

    private static IllegalArgumentException malformed(String text) {
      return new IllegalArgumentException(
          "expected an address or a network such as 10.0.0.0/8 or fd00::/8, found '" + text + "'");
    }

    boolean contains(byte[] address) {
      if (address.length != prefix.length) {
        return false;
      }
      int whole = bits / 8;
      for (int i = 0; i < whole; i++) {
        if (address[i] != prefix[i]) {
          return false;
        }
      }
      int rest = bits % 8;
      if (rest == 0) {
        return true;
      }
      int mask = (0xff00 >> rest) & 0xff;
      return (address[whole] & mask) == (prefix[whole] & mask);
    }

    @Override
    public String toString() {
      try {
        return NetUtil.toAddressString(InetAddress.getByAddress(prefix)) + "/" + bits;
      } catch (UnknownHostException e) {
        return "/" + bits;
      }
    }
  }
}
