package dev.understudy.proxy.listener;

import dev.understudy.proxy.frontend.ConnectionAdmission;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.listener.ListenerProperties.ProxyProtocol;
import dev.understudy.proxyprotocol.ProxyHeaderDecoder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerSslBundle;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpRequestDecoderSpec;
import reactor.netty.http.server.HttpServer;

/** Configures all listeners, and TLS on the main one. */
final class FrontendCustomizer {
  /** The most streams of an HTTP/2 connection (HAProxy {@code tune.h2.max-concurrent-streams}). */
  private static final long MAX_STREAMS = 100;

  private final Listeners.Parts parts;
  private volatile @Nullable ServerTls tls;

  FrontendCustomizer(Listeners.Parts parts) {
    this.parts = parts;
  }

  /** Configures the main listener; follows Spring Boot's own customizers, whose TLS is replaced. */
  void customize(NettyReactiveWebServerFactory factory) {
    UnusableBundleException.require("server.ssl", parts.server().getSsl(), parts.bundles());
    boolean plain = !Ssl.isEnabled(parts.server().getSsl());
    boolean clear = plain && isHttp2(false);
    factory.addServerCustomizers(
        http -> common(http, parts.frontend(), isProxied(), clear), this::protocols);
  }

  /** Configures the plain listener. */
  void customizePlain(NettyReactiveWebServerFactory factory) {
    Frontend plain = parts.frontend().forListener(Listeners.PLAIN);
    factory.addServerCustomizers(
        http -> common(http, plain, isProxied(), false),
        http -> http.protocol(HttpProtocol.HTTP11));
  }

  /** The certificates that the main listener shows to clients now. */
  List<CertificateInventory.Entry> certificates() {
    ServerTls served = tls;
    return served == null ? List.of() : served.certificates();
  }

  private boolean isProxied() {
    return parts.own().proxyProtocol() == ProxyProtocol.ON;
  }

  /**
   * Spring Boot's {@code server.http2.enabled}, which is of {@code server.port} alone, with TLS and
   * without.
   *
   * @param unset what holds if it is not set
   */
  private boolean isHttp2(boolean unset) {
    return Binder.get(parts.environment())
        .bind("server.http2.enabled", Boolean.class)
        .orElse(unset);
  }

  /**
   * Configures what all listeners have in common.
   *
   * @param through the listener's frontend
   * @param proxied whether every connection starts with a PROXY protocol header
   * @param clear whether plain connections may begin with HTTP/2 (RFC 9113 §3.3)
   */
  HttpServer common(HttpServer http, Frontend through, boolean proxied, boolean clear) {
    HttpServer limited =
        http.option(ChannelOption.RECVBUF_ALLOCATOR, AcceptedAtOnce.allocator())
            .httpRequestDecoder(spec -> limits(spec, http))
            // Already set on Netty's sockets; setting it again would cost a system call per
            // connection.
            .childOption(ChannelOption.TCP_NODELAY, null);
    HttpServer http2 = clear ? settings(limited.protocol(HttpProtocol.H2C)) : null;
    HttpServer fronted = new FrontendInstaller(through).apply(limited, http2);
    return parts
        .each()
        .apply(
            proxied
                ? fronted.doOnChannelInit((observer, channel, address) -> readHeader(channel))
                : fronted);
  }

  /** Before TLS, which begins after the header. */
  private static void readHeader(Channel channel) {
    channel
        .pipeline()
        .addFirst(
            new ProxyHeaderDecoder(
                header -> {
                  if (header != null) {
                    channel.attr(ConnectionAdmission.FROM_PROXY_PROTOCOL).set(header.source());
                  }
                },
                () -> {
                  var unused = channel.close();
                }));
  }

  /**
   * Adds the limits to Spring Boot's from {@code server.netty.*}, which would be lost otherwise.
   */
  private HttpRequestDecoderSpec limits(HttpRequestDecoderSpec spec, HttpServer http) {
    HttpRequestDecoderSpec boot = http.configuration().decoder();
    return spec.maxInitialLineLength(
            Math.toIntExact(parts.own().client().maxRequestLine().toBytes()))
        .maxHeaderSize(Math.toIntExact(parts.own().client().maxHeaderSize().toBytes()))
        .validateHeaders(boot.validateHeaders())
        .initialBufferSize(boot.initialBufferSize());
  }

  /** Sets up TLS and the HTTP versions of the main listener. */
  private HttpServer protocols(HttpServer http) {
    Ssl ssl = parts.server().getSsl();
    if (ssl == null || !Ssl.isEnabled(ssl)) {
      return http.protocol(HttpProtocol.HTTP11);
    }
    boolean http2 = isHttp2(true);
    ServerTls tls =
        new ServerTls(
            ssl,
            http2,
            WebServerSslBundle.get(ssl, parts.bundles()),
            parts.bundles(),
            parts.faults(),
            parts.library(),
            parts.tickets());
    this.tls = tls;
    if (tls.asksByName()) {
      parts.frontend().holdTo(tls::differ);
    }
    return versions(tls.apply(http), http2);
  }

  /** Sets the HTTP versions of a listener with TLS. */
  HttpServer versions(HttpServer secure, boolean http2) {
    return http2
        ? settings(secure.protocol(HttpProtocol.HTTP11, HttpProtocol.H2))
        : secure.protocol(HttpProtocol.HTTP11);
  }

  private HttpServer settings(HttpServer http2) {
    return http2.http2Settings(
        settings ->
            settings
                .maxConcurrentStreams(MAX_STREAMS)
                .maxHeaderListSize(parts.own().client().maxHeaderSize().toBytes()));
  }
}
