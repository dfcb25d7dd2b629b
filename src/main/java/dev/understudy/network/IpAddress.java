package dev.understudy.network;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The address of a client in its only form, made where the address enters. Two of them are equal if
 * they are one client's:
 *
 * <ul>
 *   <li>an IPv4 address that is mapped into IPv6, {@code ::ffff:192.0.2.7} (RFC 4291 §2.5.5.2), or
 *       of the deprecated compatible form {@code ::192.0.2.7} (§2.5.5.1), is that IPv4 address, as
 *       HAProxy compares it with networks. {@code ::}, {@code ::1} and others of which that would
 *       be in 0.0.0.0/8 stay what they are;
 *   <li>there is no zone, which has no meaning on another machine (RFC 4007 §6);
 *   <li>there is no port, and there are no brackets.
 * </ul>
 *
 * <p>Addresses of 6to4 (2002::/16), which HAProxy compares as the IPv4 address in them, remain
 * IPv6: each is a network of 2<sup>80</sup> clients, and RFC 7526 has ended their use.
 *
 * <p>Immutable.
 */
public final class IpAddress {
  private static final int V4 = 4;
  private static final int V6 = 16;

  /** Where the IPv4 address begins in a mapped or compatible one. */
  private static final int EMBEDDED = V6 - V4;

  /**
   * A prefix without IPv6 clients (ff00::/8 is multicast), so that no IPv4 address equals a /64.
   */
  private static final long V4_KEY = 0xffff_ffffL;

  private static final int BITS_OF_KEY = 64;

  private final InetAddress inet;

  private IpAddress(InetAddress inet) {
    this.inet = inet;
  }

  /** The address of a socket or of a resolved name. */
  public static IpAddress of(InetAddress address) {
    return address instanceof Inet4Address ? new IpAddress(address) : of(address.getAddress());
  }

  /** The address of 4 or 16 bytes. */
  public static IpAddress of(byte[] bytes) {
    try {
      return new IpAddress(
          InetAddress.getByAddress(
              isEmbedded(bytes) ? Arrays.copyOfRange(bytes, EMBEDDED, V6) : bytes));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("expected 4 or 16 bytes, found " + bytes.length, e);
    }
  }

  /** The address of a socket's end; null if it has none. */
  public static @Nullable IpAddress of(@Nullable SocketAddress end) {
    InetAddress address = end instanceof InetSocketAddress inet ? inet.getAddress() : null;
    return address == null ? null : of(address);
  }

  /** The same end of a socket with its address in this form; unchanged if it is not resolved. */
  public static InetSocketAddress normal(InetSocketAddress end) {
    InetAddress address = end.getAddress();
    return address == null || address instanceof Inet4Address
        ? end
        : new InetSocketAddress(of(address).inet, end.getPort());
  }

  /**
   * Reads a literal: four decimal numbers without leading zeros (RFC 6943 §3.1.1), or IPv6 (RFC
   * 4291 §2.2) with or without a zone. No name is ever resolved.
   *
   * @return null if it is none
   */
  public static @Nullable IpAddress parse(String literal) {
    if (literal.indexOf(':') < 0) {
      return isV4(literal) ? of(NetUtil.createByteArrayFromIpAddressString(literal)) : null;
    }
    int zone = literal.indexOf('%');
    String address = undotted(zone < 0 ? literal : literal.substring(0, zone));
    boolean valid =
        address != null
            && NetUtil.isValidIpV6Address(address)
            && address.indexOf('[') < 0
            && zone < literal.length() - 1;
    return valid ? of(NetUtil.createByteArrayFromIpAddressString(address)) : null;
  }

  /**
   * An IPv6 address whose last 32 bits are not written as IPv4 (RFC 4291 §2.2, form 3), which Netty
   * reads only of mapped addresses; null if they are no IPv4 address.
   */
  private static @Nullable String undotted(String address) {
    if (address.indexOf('.') < 0) {
      return address;
    }
    int last = address.lastIndexOf(':') + 1;
    if (!isV4(address.substring(last))) {
      return null;
    }
    byte[] v4 = NetUtil.createByteArrayFromIpAddressString(address.substring(last));
    String hex = HexFormat.of().formatHex(v4);
    return address.substring(0, last) + hex.substring(0, 4) + ":" + hex.substring(4);
  }

  /**
   * Reads what a proxy says of a client, in {@code X-Forwarded-For} or as the {@code node} of
   * {@code Forwarded} (RFC 7239 §6): an address, which may have a port; one of IPv6 is in brackets
   * then.
   *
   * @return null if it is no address
   */
  public static @Nullable IpAddress parseNode(String node) {
    if (node.startsWith("[")) {
      int end = node.indexOf(']');
      boolean v6 = end > 0 && node.lastIndexOf(':', end) > 0;
      return v6 && isPort(node, end + 1) ? parse(node.substring(1, end)) : null;
    }
    int colon = node.indexOf(':');
    if (colon >= 0 && colon == node.lastIndexOf(':')) {
      return isPort(node, colon) ? parse(node.substring(0, colon)) : null;
    }
    return parse(node);
  }

  /** Whether nothing follows, or a colon and a port. */
  private static boolean isPort(String node, int from) {
    if (from == node.length()) {
      return true;
    }
    int digits = node.length() - from - 1;
    for (int i = from + 1; i < node.length(); i++) {
      if (!isDigit(node.charAt(i))) {
        return false;
      }
    }
    return node.charAt(from) == ':' && digits > 0 && digits <= 5;
  }

  private static boolean isV4(String literal) {
    for (int i = 0; i < literal.length() - 1; i++) {
      boolean first = i == 0 || literal.charAt(i - 1) == '.';
      if (first && literal.charAt(i) == '0' && isDigit(literal.charAt(i + 1))) {
        return false;
      }
    }
    return NetUtil.isValidIpV4Address(literal);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Whether 16 bytes are an IPv4 address, mapped or compatible. */
  private static boolean isEmbedded(byte[] bytes) {
    if (bytes.length != V6) {
      return false;
    }
    for (int i = 0; i < EMBEDDED - 2; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    byte high = bytes[EMBEDDED - 2];
    byte low = bytes[EMBEDDED - 1];
    return (high == -1 && low == -1) || (high == 0 && low == 0 && bytes[EMBEDDED] != 0);
  }

  /** The address for sockets; an {@link Inet4Address} or an IPv6 address without a zone. */
  public InetAddress inet() {
    return inet;
  }

  public boolean isV4() {
    return inet instanceof Inet4Address;
  }

  /** The address's 4 or 16 bytes. */
  byte[] bytes() {
    return inet.getAddress();
  }

  /**
   * The address as a number, for tables of clients: IPv6 by /64, of which a client may use any
   * address.
   */
  public long key() {
    byte[] bytes = bytes();
    long key = isV4() ? V4_KEY : 0;
    for (int i = 0; i < Math.min(bytes.length, BITS_OF_KEY / Byte.SIZE); i++) {
      key = key << Byte.SIZE | (bytes[i] & 0xff);
    }
    return key;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpAddress that && that.inet.equals(inet);
  }

  @Override
  public int hashCode() {
    return inet.hashCode();
  }

  /** The address in the form of RFC 5952. */
  @Override
  public String toString() {
    return NetUtil.toAddressString(inet);
  }
}
