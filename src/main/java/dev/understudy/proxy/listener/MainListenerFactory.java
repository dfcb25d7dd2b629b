package dev.understudy.proxy.listener;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServer;
import org.springframework.http.server.reactive.HttpHandler;

/**
 * Makes the web server of {@code server.port}, which opens no port if it is not needed. Spring Boot
 * makes another instance for the management port, which is always opened.
 */
final class MainListenerFactory extends NettyReactiveWebServerFactory {
  private final @Nullable BooleanSupplier needed;

  /** Makes servers that open their port. */
  MainListenerFactory() {
    this.needed = null;
  }

  /**
   * @param needed asked when the port would be opened
   */
  MainListenerFactory(BooleanSupplier needed) {
    this.needed = needed;
  }

  @Override
  public WebServer getWebServer(HttpHandler handler) {
    WebServer server = super.getWebServer(handler);
    return needed == null ? server : new MainListener(server, needed);
  }
}
