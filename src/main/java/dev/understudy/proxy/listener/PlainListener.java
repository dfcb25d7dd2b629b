package dev.understudy.proxy.listener;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/** The second listener, without TLS: serves the same routes as the main one, and stops like it. */
public final class PlainListener implements SmartLifecycle, DisposableBean {
  private final Supplier<WebServer> factory;
  private volatile @Nullable WebServer server;

  PlainListener(Supplier<WebServer> factory) {
    this.factory = factory;
  }

  /** Returns the bound port; -1 if not bound. */
  public int port() {
    WebServer current = server;
    return current == null ? -1 : current.getPort();
  }

  @Override
  public void start() {
    WebServer created = factory.get();
    created.start();
    server = created;
  }

  @Override
  public void stop() {
    WebServer current = server;
    server = null;
    if (current != null) {
      current.stop();
    }
  }

  @Override
  public void stop(Runnable callback) {
    WebServer current = server;
    if (current == null) {
      callback.run();
      return;
    }
    current.shutDownGracefully(
        result -> {
          stop();
          callback.run();
        });
  }

  /** Stops the server if requests were still in flight when the shutdown phase timed out. */
  @Override
  public void destroy() {
    stop();
  }

  @Override
  public boolean isRunning() {
    return server != null;
  }

  @Override
  public int getPhase() {
    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
  }
}
