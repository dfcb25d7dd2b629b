package dev.understudy.proxy.upstream;

import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.UpstreamTls;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Creates the TLS handlers of connections to servers. */
public final class UpstreamTlsHandlers {
  private UpstreamTlsHandlers() {}

  /**
   * Returns a handler without a time limit of its own.
   *
   * @param protocols offered by ALPN; null for none
   */
  public static SslHandler create(
      SslContext context,
      UpstreamTls settings,
      ServerAddress configured,
      Channel channel,
      String @Nullable [] protocols) {
    String name = settings.peerName(configured);
    SslHandler handler = context.newHandler(channel.alloc(), name, configured.port());
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm(settings.verify() ? "HTTPS" : null);
    parameters.setServerNames(UpstreamTls.sni(name));
    if (protocols != null) {
      parameters.setApplicationProtocols(protocols);
    }
    handler.engine().setSSLParameters(parameters);
    // The tick limits the time to connect, TLS negotiation included.
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }
}
