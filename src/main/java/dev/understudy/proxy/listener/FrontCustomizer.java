package dev.understudy.proxy.listener;

import dev.understudy.proxy.front.Http2Rules;
import dev.understudy.proxy.front.RequestCodec;
import dev.understudy.proxy.front.RequestTarget;
import dev.understudy.proxy.listener.ListenerProperties.ProxyProtocol;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http2.Http2StreamChannel;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.WebServerSslBundle;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.Ordered;
import reactor.netty.ConnectionObserver;
import reactor.netty.NettyPipeline;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpRequestDecoderSpec;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.ProxyProtocolSupportType;

/**
 * Sets up what both listeners have in common, and TLS on the main one.
 *
 * <p>A factory customizer and not Boot's {@code NettyServerCustomizer}, which the management port
 * would inherit: probes of a kubelet speak no PROXY protocol.
 */
final class FrontCustomizer
    implements WebServerFactoryCustomizer<NettyReactiveWebServerFactory>, Ordered {
  private final ServerProperties server;
  private final ListenerProperties listener;
  private final SslBundles bundles;

  FrontCustomizer(ServerProperties server, ListenerProperties listener, SslBundles bundles) {
    this.server = server;
    this.listener = listener;
    this.bundles = bundles;
  }

  /** After Boot's own, whose TLS is replaced. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }

  @Override
  public void customize(NettyReactiveWebServerFactory factory) {
    factory.addServerCustomizers(this::common, this::protocols);
  }

  /** For the plain listener. */
  void customizePlain(NettyReactiveWebServerFactory factory) {
    factory.addServerCustomizers(this::common, http -> http.protocol(HttpProtocol.HTTP11));
  }

  private HttpServer common(HttpServer http) {
    HttpDecoderConfig decoding = decoding(http.configuration().decoder());
    HttpServer mending =
        http.doOnChannelInit(
                (observer, channel, remote) -> {
                  if (channel.pipeline().get(NettyPipeline.HttpCodec) != null) {
                    channel
                        .pipeline()
                        .replace(
                            NettyPipeline.HttpCodec,
                            NettyPipeline.HttpCodec,
                            new RequestCodec(decoding));
                  }
                })
            .childObserve(
                (connection, state) -> {
                  if (ConnectionObserver.State.CONNECTED.equals(state)
                      && connection.channel() instanceof Http2StreamChannel stream) {
                    stream
                        .pipeline()
                        .addBefore(
                            NettyPipeline.H2ToHttp11Codec,
                            NettyPipeline.LEFT + "understudyRules",
                            new Http2Rules());
                  }
                })
            .forwarded(
                (connection, request) -> {
                  RequestTarget.mend(request);
                  return connection;
                });
    return listener.proxyProtocol() == ProxyProtocol.ON
        ? mending.proxyProtocol(ProxyProtocolSupportType.ON)
        : mending;
  }

  /** As Reactor Netty sets up the codec that is replaced. */
  private static HttpDecoderConfig decoding(HttpRequestDecoderSpec spec) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(spec.maxInitialLineLength())
        .setMaxHeaderSize(spec.maxHeaderSize())
        .setValidateHeaders(spec.validateHeaders())
        .setInitialBufferSize(spec.initialBufferSize())
        .setAllowDuplicateContentLengths(spec.allowDuplicateContentLengths())
        .setAllowPartialChunks(spec.allowPartialChunks());
  }

  /** HTTP/2 by ALPN only: its plain form is refused (RFC 9113 §3.1 has dropped the upgrade). */
  private HttpServer protocols(HttpServer http) {
    Ssl ssl = server.getSsl();
    if (ssl == null || !Ssl.isEnabled(ssl)) {
      return http.protocol(HttpProtocol.HTTP11);
    }
    boolean http2 = server.getHttp2().isEnabled();
    HttpServer secure =
        new ServerTls(ssl, http2, WebServerSslBundle.get(ssl, bundles), bundles).apply(http);
    return http2
        ? secure.protocol(HttpProtocol.HTTP11, HttpProtocol.H2)
        : secure.protocol(HttpProtocol.HTTP11);
  }
}
