package dev.understudy.proxy.listener;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServer;
import org.springframework.http.server.reactive.HttpHandler;

/**
 * Joins the listeners to the application context, for which they are its web server. Spring Boot
 * makes another instance for the management port, which opens a port of its own.
 */
final class MainListenerFactory extends NettyReactiveWebServerFactory {
  private final @Nullable Listeners listeners;

  /** Makes servers that open their port. */
  MainListenerFactory() {
    this.listeners = null;
  }

  /** Makes the server that stands for these listeners. */
  MainListenerFactory(Listeners listeners) {
    this.listeners = listeners;
  }

  @Override
  public WebServer getWebServer(HttpHandler handler) {
    return listeners == null
        ? super.getWebServer(handler)
        : new ListenerWebServer(listeners, handler);
  }
}
