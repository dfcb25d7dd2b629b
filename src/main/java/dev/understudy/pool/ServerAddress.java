package dev.understudy.pool;

/**
 * A server's address as configured.
 *
 * @param protocol what it speaks; inside TLS if {@code tls}
 * @param tls whether connections to it use TLS
 * @param host a DNS name or an IP literal, IPv6 without brackets
 * @param port 1 to 65535
 */
public record ServerAddress(Protocol protocol, boolean tls, String host, int port) {
  /** What a server speaks. */
  public enum Protocol {
    /** Requests are routed to it: {@code http://} and {@code https://}. */
    HTTP,
    /** Connections are relayed to it: {@code tcp://} and, inside TLS, {@code tls://}. */
    TCP
  }

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
    return protocol == Protocol.HTTP && port == (tls ? 443 : 80) ? name : name + ":" + port;
  }

  private String scheme() {
    return switch (protocol) {
      case HTTP -> tls ? "https" : "http";
      case TCP -> tls ? "tls" : "tcp";
    };
  }

  @Override
  public String toString() {
    return scheme() + "://" + authority();
  }
}
