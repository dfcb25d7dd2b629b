package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.proxy.frontend.Frontend;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerFactoryCustomizer;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/**
 * Makes the servers of the dynamic file's HTTP listeners, with the main listener's event loops and
 * its static settings ({@code server.netty.*} and {@code understudy.client.*}).
 */
final class HttpListenerFactory {
  private final FrontendCustomizer customizer;
  private final NettyReactiveWebServerFactoryCustomizer boot;
  private final ReactorResourceFactory resources;
  private final HttpHandler handler;

  HttpListenerFactory(
      FrontendCustomizer customizer,
      NettyReactiveWebServerFactoryCustomizer boot,
      ReactorResourceFactory resources,
      HttpHandler handler) {
    this.customizer = customizer;
    this.boot = boot;
    this.resources = resources;
    this.handler = handler;
  }

  /**
   * Makes a server that is not bound.
   *
   * @param tls the context of each connection; null without TLS
   * @param bound called with the listening socket on its event loop
   */
  HttpServer server(
      Listener settings, Frontend frontend, @Nullable SslContext tls, Consumer<Channel> bound) {
    NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory();
    boot.customize(factory);
    InetSocketAddress address = DynamicListener.address(settings);
    HttpServer http = HttpServer.create().bindAddress(() -> address);
    for (NettyServerCustomizer customizer : factory.getServerCustomizers()) {
      http = customizer.apply(http);
    }
    HttpServer common = customizer.common(http, frontend, settings.proxyProtocol(), bound);
    ListenerTls secured = settings.tls();
    HttpServer versioned =
        secured == null || tls == null
            ? common.protocol(HttpProtocol.HTTP11)
            : customizer.versions(common.secure(spec -> spec.sslContext(tls)), secured.http2());
    return versioned
        .runOn(resources.getLoopResources())
        .handle(new ReactorHttpHandlerAdapter(handler));
  }
}
