package dev.understudy.proxy.listener;

import org.springframework.boot.web.server.GracefulShutdownCallback;
import org.springframework.boot.web.server.WebServer;
import org.springframework.http.server.reactive.HttpHandler;

/**
 * The application context's web server: begins to serve the Gateway lane, and stops with the
 * context. The listeners may be open before.
 */
final class ListenerWebServer implements WebServer {
  private final Listeners listeners;
  private final HttpHandler handler;

  ListenerWebServer(Listeners listeners, HttpHandler handler) {
    this.listeners = listeners;
    this.handler = handler;
  }

  @Override
  public void start() {
    listeners.open();
    listeners.serve(handler);
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
