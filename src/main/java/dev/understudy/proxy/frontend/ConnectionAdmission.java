package dev.understudy.proxy.frontend;

import dev.understudy.network.IpAddress;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestParts;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Determines a connection's client at its first request, and limits its number of requests. */
public final class ConnectionAdmission {
  /**
   * The address from a PROXY protocol header; the name is the one by which Reactor Netty reads it.
   */
  public static final AttributeKey<@Nullable InetSocketAddress> FROM_PROXY_PROTOCOL =
      AttributeKey.valueOf("remoteAddressFromProxyProtocol");

  /**
   * The server name by which a connection's certificates were chosen, empty for none. Null where no
   * names have certificates of their own.
   */
  public static final AttributeKey<@Nullable String> SERVER_NAME =
      AttributeKey.valueOf(ConnectionAdmission.class, "serverName");

  private static final InetSocketAddress UNKNOWN = new InetSocketAddress(0);

  private final Frontend frontend;
  private final Channel connection;
  private final ClientMemory memory;
  private @Nullable ClientConnection client;
  private int requests;

  /**
   * @param connection the TCP connection's channel
   * @param protocol what carries the requests
   */
  public ConnectionAdmission(Frontend frontend, Channel connection, ClientMemory.Carrier protocol) {
    this.frontend = frontend;
    this.connection = connection;
    this.memory = ClientMemory.of(connection, frontend.connections().memory());
    memory.carriedBy(protocol);
  }

  /** What the connection holds. */
  public ClientMemory memory() {
    return memory;
  }

  /**
   * Counts another request.
   *
   * @return the client's connection; null if the client has too many connections and this one must
   *     be closed
   */
  public @Nullable ClientConnection admit() {
    requests++;
    if (client == null) {
      // Not before: until then a PROXY protocol header may still be on its way.
      InetSocketAddress proxied = connection.attr(FROM_PROXY_PROTOCOL).get();
      IpAddress named = IpAddress.of(proxied);
      if (named == null || frontend.connections().admit(connection, named)) {
        client = client(proxied);
      }
    }
    return client;
  }

  private ClientConnection client(@Nullable InetSocketAddress proxied) {
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    ClientConnection made =
        new ClientConnection(
            proxied == null ? inet(connection.remoteAddress()) : proxied,
            inet(connection.localAddress()),
            tls != null,
            frontend.name(),
            tls == null ? null : tls.engine().getSession(),
            connection.attr(SERVER_NAME).get(),
            memory::unsent);
    connection.closeFuture().addListener(closed -> made.end());
    return made;
  }

  private static InetSocketAddress inet(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress known ? known : UNKNOWN;
  }

  /** Returns the status with which a request is refused; 0 if it is accepted. */
  public int refusal(HttpRequest request) {
    if (!memory.takesRequest()) {
      memory.exhausted();
      return 503;
    }
    int status = RequestAdmission.refusal(request, frontend.limits(), frontend.listener());
    return status == 0 && isMisdirected(request) ? 421 : status;
  }

  /**
   * Returns the status with which a request is refused whose parts are to become objects; 0 if it
   * is accepted.
   */
  public int refusal(RequestParts parts) {
    int status = RequestAdmission.refusal(parts, frontend.limits(), frontend.listener());
    if (status == 0 && parts.bytes() > 0 && !memory.takes(parts.bytes())) {
      memory.exhausted();
      return 503;
    }
    return status;
  }

  /**
   * Whether the request belongs on a connection for another server name (RFC 9110 §15.5.20): its
   * host asks for client certificates of other authorities than the name for which the TLS
   * connection was opened.
   */
  private boolean isMisdirected(HttpRequest request) {
    Frontend.ServerNames names = frontend.serverNames();
    if (names == null || client == null || !client.tls()) {
      return false;
    }
    String host = request.headers().get(HttpHeaderNames.HOST);
    return host != null && names.differ(connection, name(host));
  }

  /** Returns the host in lower case, without its port. */
  private static String name(String host) {
    int end = host.indexOf(':', host.lastIndexOf(']') + 1);
    return (end < 0 ? host : host.substring(0, end)).toLowerCase(Locale.ROOT);
  }

  /** Whether the present request is the last one allowed; reports the limit if so. */
  public boolean isLastAllowed() {
    OptionalInt max = frontend.limits().maxRequestsPerConnection();
    if (max.isEmpty() || requests < max.getAsInt()) {
      return false;
    }
    frontend.listener().limited(Limit.REQUESTS_PER_CONNECTION);
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
