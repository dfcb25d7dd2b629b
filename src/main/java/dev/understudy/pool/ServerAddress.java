package dev.understudy.pool;

/**
 * A server's address as configured.
 *
 * @param tls whether it speaks https
 * @param host a DNS name or an IP literal, IPv6 without brackets
 * @param port 1 to 65535
 */
public record ServerAddress(boolean tls, String host, int port) {
  public ServerAddress {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("host is empty");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("expected a port from 1 to 65535, found " + port);
    }
  }

  /**
   * {@code host:port}, an IPv6 literal in brackets (RFC 3986 §3.2.2); the port is left out where it
   * is the scheme's.
   */
  public String authority() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return port == (tls ? 443 : 80) ? name : name + ":" + port;
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + authority();
  }
}
