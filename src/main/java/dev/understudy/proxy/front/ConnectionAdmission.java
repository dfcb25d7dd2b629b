package dev.understudy.proxy.front;

import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Determines a connection's client at its first request, and limits its number of requests. */
public final class ConnectionAdmission {
  private final FrontDoor door;
  private @Nullable ClientConnection client;
  private int requests;

  public ConnectionAdmission(FrontDoor door) {
    this.door = door;
  }

  /**
   * Counts another request.
   *
   * @param connection the TCP connection's channel
   * @return the client's connection; null if the client has too many connections and this one must
   *     be closed
   */
  public @Nullable ClientConnection admit(Channel connection) {
    requests++;
    ClientConnection known = client;
    if (known == null && !isOneTooMany(connection)) {
      known = ClientAddress.of(connection, door.name());
      client = known;
    }
    return known;
  }

  /**
   * Whether the request belongs on a connection for another server name (RFC 9110 §15.5.20): its
   * host asks for client certificates of other authorities than the name for which the TLS
   * connection was opened.
   */
  public boolean isMisdirected(HttpRequest request) {
    FrontDoor.ServerNames names = door.serverNames();
    ClientConnection known = client;
    if (names == null || known == null || !known.tls()) {
      return false;
    }
    String host = request.headers().get(HttpHeaderNames.HOST);
    return host != null && names.differ(known.tlsServerName(), name(host));
  }

  /** Returns the host in lower case, without its port. */
  private static String name(String host) {
    int end = host.indexOf(':', host.lastIndexOf(']') + 1);
    return (end < 0 ? host : host.substring(0, end)).toLowerCase(Locale.ROOT);
  }

  /** Whether a client named by a PROXY protocol header exceeds the limit per address. */
  private boolean isOneTooMany(Channel connection) {
    InetSocketAddress proxied = ClientAddress.fromProxyProtocol(connection);
    return proxied != null && !door.connections().admit(connection, proxied.getAddress());
  }

  /** Whether the present request is the last one allowed; reports the limit if so. */
  public boolean isLastAllowed() {
    OptionalInt max = door.limits().maxRequestsPerConnection();
    if (max.isEmpty() || requests < max.getAsInt()) {
      return false;
    }
    door.listener().limited(Limit.REQUESTS_PER_CONNECTION);
    return true;
  }

  /** Whether the connection has had no request yet. */
  public boolean isFresh() {
    return requests == 0;
  }

  /** The number of requests on this connection. */
  public int requests() {
    return requests;
  }
}
