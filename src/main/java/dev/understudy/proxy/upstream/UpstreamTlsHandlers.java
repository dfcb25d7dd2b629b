package dev.understudy.proxy.upstream;

import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.UpstreamTls;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Creates the TLS handlers of connections to servers. */
public final class UpstreamTlsHandlers {
  /** The protocols offered where the server may choose. */
  static final List<String> EITHER =
      List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);

  /** Those of a pool that speaks HTTP/2, for what HTTP/2 has no way to say. */
  static final List<String> HTTP_1 = List.of(ApplicationProtocolNames.HTTP_1_1);

  private UpstreamTlsHandlers() {}

  /** What HTTP connections to a pool's servers, and most of its probes, ask of TLS contexts. */
  public static Stream<TlsOffer> offers(PoolSettings pool) {
    TlsOffer plain = TlsOffer.of(pool.tls());
    return pool.http2()
        ? Stream.of(plain, new TlsOffer(pool.tls(), EITHER), new TlsOffer(pool.tls(), HTTP_1))
        : Stream.of(plain);
  }

  /**
   * Whether a server refused the TLS connection because it speaks none of the protocols that were
   * offered (RFC 7301 §3.2): of its reachability this says nothing.
   */
  public static boolean isProtocolRefused(@Nullable Throwable cause) {
    // JSSE and BoringSSL write the alert's name in different cases.
    return cause instanceof SSLException
        && cause.getMessage() != null
        && cause.getMessage().toLowerCase(Locale.ROOT).contains("no_application_protocol");
  }

  /** Returns a handler without a time limit of its own. */
  public static SslHandler create(
      SslContext context, UpstreamTls settings, ServerAddress configured, Channel channel) {
    String name = settings.peerName(configured);
    SslHandler handler = context.newHandler(channel.alloc(), name, configured.port());
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm(settings.verify() ? "HTTPS" : null);
    parameters.setServerNames(UpstreamTls.sni(name));
    handler.engine().setSSLParameters(parameters);
    // The tick limits the time to connect, TLS negotiation included.
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }
}
