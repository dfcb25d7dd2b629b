package dev.understudy.proxy.listener;

import dev.understudy.proxy.frontend.GatewayLane;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.GracefulShutdownCallback;
import org.springframework.boot.web.server.WebServer;
import org.springframework.http.server.reactive.HttpHandler;

/**
 * Joins the listeners to the application context, for which they are its web server. Spring Boot
 * makes another instance for the management port, which opens a port of its own.
 */
final class MainListenerFactory extends NettyReactiveWebServerFactory {
  private final @Nullable Listeners listeners;
  private final Function<HttpHandler, GatewayLane> lanes;

  /** Makes servers that open their port. */
  MainListenerFactory() {
    this.listeners = null;
    this.lanes =
        handler -> {
          throw new IllegalStateException("not the main port");
        };
  }

  /**
   * Makes the server that stands for these listeners.
   *
   * @param lanes makes the Gateway lane of Spring's handler
   */
  MainListenerFactory(Listeners listeners, Function<HttpHandler, GatewayLane> lanes) {
    this.listeners = listeners;
    this.lanes = lanes;
  }

  @Override
  public WebServer getWebServer(HttpHandler handler) {
    return listeners == null
        ? super.getWebServer(handler)
        : new ListenerWebServer(listeners, lanes.apply(handler));
  }

  /**
   * The application context's web server: begins to serve the Gateway lane, and stops with the
   * context. The listeners may be open before.
   */
  private record ListenerWebServer(Listeners listeners, GatewayLane lane) implements WebServer {
    @Override
    public void start() {
      listeners.open();
      listeners.serve(lane);
    }

    @Override
    public void stop() {
      listeners.main().stop();
    }

    @Override
    public void destroy() {
      listeners.main().destroy();
    }

    @Override
    public void shutDownGracefully(GracefulShutdownCallback callback) {
      listeners.main().shutDownGracefully(callback);
    }

    /** The port of {@code server.port}; -1 if it is not opened. */
    @Override
    public int getPort() {
      return listeners.port();
    }
  }
}
