package dev.understudy.proxy.http;

import java.net.InetAddress;

/**
 * A client's address as a number, for tables of clients: IPv6 by /64, of which a client may use any
 * address.
 */
public final class AddressKey {
  /**
   * A prefix without IPv6 clients (ff00::/8 is multicast), so that no IPv4 address equals a /64.
   */
  private static final long IPV4 = 0xffff_ffff_0000_0000L;

  private AddressKey() {}

  /** Returns the number. */
  public static long of(InetAddress client) {
    byte[] bytes = client.getAddress();
    boolean v6 = bytes.length > 4;
    long key = v6 ? 0 : IPV4 >>> 32;
    for (int i = 0; i < (v6 ? 8 : 4); i++) {
      key = key << 8 | (bytes[i] & 0xff);
    }
    return key;
  }
}
