package dev.understudy.proxy.front;

import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Determines a connection's client at its first request, and limits its number of requests. */
public final class ConnectionAdmission {
  private final FrontDoor door;
  private @Nullable ClientConnection client;
  private @Nullable NamedConnection named;
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
      ServerNames names = door.serverNames();
      named = names == null ? null : NamedConnection.of(connection, names);
    }
    return known;
  }

  /** Whether the request belongs on a connection for another server name (RFC 9110 §15.5.20). */
  public boolean isMisdirected(HttpRequest request) {
    NamedConnection known = named;
    return known != null && known.isMisdirected(request);
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
