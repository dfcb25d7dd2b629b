package dev.understudy.proxy.front;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslHandler;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.jspecify.annotations.Nullable;

/**
 * A TLS connection that was opened for a server name, where different names may ask for different
 * client certificates.
 */
final class NamedConnection {
  private final ServerNames names;
  private final @Nullable String connected;

  private NamedConnection(ServerNames names, @Nullable String connected) {
    this.names = names;
    this.connected = connected;
  }

  /** Returns null if the connection is not TLS. */
  static @Nullable NamedConnection of(Channel connection, ServerNames names) {
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    if (tls == null) {
      return null;
    }
    if (tls.engine().getSession() instanceof ExtendedSSLSession session) {
      for (SNIServerName name : session.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          return new NamedConnection(names, host.getAsciiName().toLowerCase(Locale.ROOT));
        }
      }
    }
    return new NamedConnection(names, null);
  }

  /**
   * Whether the request's host asks for client certificates of other authorities than the
   * connection's server name.
   */
  boolean isMisdirected(HttpRequest request) {
    String host = request.headers().get(HttpHeaderNames.HOST);
    return host != null && names.differ(connected, name(host));
  }

  /** Returns the host in lower case, without its port. */
  private static String name(String host) {
    int end = host.indexOf(':', host.lastIndexOf(']') + 1);
    return (end < 0 ? host : host.substring(0, end)).toLowerCase(Locale.ROOT);
  }
}
