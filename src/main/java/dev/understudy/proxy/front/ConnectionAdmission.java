package dev.understudy.proxy.front;

import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Whom one connection is from, which its first request shows, and how many more it may bring. */
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
   * @return whom it is from; null: they have too many connections, and this one is to be closed
   */
  public @Nullable ClientConnection admit(Channel connection) {
    requests++;
    ClientConnection known = client;
    if (known == null && !isOneTooMany(connection)) {
      known = ClientAddress.of(connection);
      client = known;
      ServerNames names = door.serverNames();
      named = names == null ? null : NamedConnection.of(connection, names);
    }
    return known;
  }

  /** Whether it belongs on a connection to another server name (RFC 9110 §15.5.20). */
  public boolean isMisdirected(HttpRequest request) {
    NamedConnection known = named;
    return known != null && known.isMisdirected(request);
  }

  /** Who was not known when the connection was accepted may have too many. */
  private boolean isOneTooMany(Channel connection) {
    InetSocketAddress proxied = ClientAddress.fromProxyProtocol(connection);
    return proxied != null && !door.connections().admit(connection, proxied.getAddress());
  }

  /** Whether no other request may follow the present one; tells of the limit. */
  public boolean isLastAllowed() {
    OptionalInt max = door.limits().maxRequestsPerConnection();
    if (max.isEmpty() || requests < max.getAsInt()) {
      return false;
    }
    door.listener().limited(Limit.REQUESTS_PER_CONNECTION);
    return true;
  }

  /** Whether no request has come yet. */
  public boolean isFresh() {
    return requests == 0;
  }

  /** How many have come. */
  public int requests() {
    return requests;
  }
}
