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

/** A TLS connection that was opened for a server name, where names ask for certificates. */
final class NamedConnection {
  private final ServerNames names;
  private final @Nullable String connected;

  private NamedConnection(ServerNames names, @Nullable String connected) {
    this.names = names;
    this.connected = connected;
  }

  /** Returns null if it is not TLS. */
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

  /** Whether the host that it names asks for certificates of others. */
  boolean isMisdirected(HttpRequest request) {
    String host = request.headers().get(HttpHeaderNames.HOST);
    return host != null && names.differ(connected, name(host));
  }

  /** Without the port, and without the dot that ends a name in full. */
  private static String name(String host) {
    int end = host.indexOf(':', host.lastIndexOf(']') + 1);
    String name = end < 0 ? host : host.substring(0, end);
    return (name.endsWith(".") ? name.substring(0, name.length() - 1) : name)
        .toLowerCase(Locale.ROOT);
  }
}
