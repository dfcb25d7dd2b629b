package dev.understudy.proxy.listener;

import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.GracefulShutdownCallback;
import org.springframework.boot.web.server.GracefulShutdownResult;
import org.springframework.boot.web.server.WebServer;

/**
 * The web server of {@code server.port}. Without a port it keeps the process alive all the same, as
 * Spring Boot's own server does.
 */
final class MainListener implements WebServer {
  private static final Logger log = LoggerFactory.getLogger(MainListener.class);

  private final Supplier<WebServer> made;
  private final BooleanSupplier needed;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** Null unless it is open. */
  private volatile @Nullable WebServer server;

  /**
   * @param made makes the server that opens the port
   * @param needed asked when the port would be opened
   */
  MainListener(Supplier<WebServer> made, BooleanSupplier needed) {
    this.made = made;
    this.needed = needed;
  }

  @Override
  public void start() {
    if (needed.getAsBoolean()) {
      WebServer opened = made.get();
      opened.start();
      server = opened;
    } else {
      log.info("server.port is not opened: no route is served there");
      Thread.ofPlatform().name("server").daemon(false).start(this::awaitStop);
    }
  }

  private void awaitStop() {
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void stop() {
    stopped.countDown();
    WebServer open = server;
    if (open != null) {
      open.stop();
    }
  }

  @Override
  public void destroy() {
    stopped.countDown();
    WebServer open = server;
    if (open != null) {
      open.destroy();
    }
  }

  @Override
  public void shutDownGracefully(GracefulShutdownCallback callback) {
    WebServer open = server;
    if (open != null) {
      open.shutDownGracefully(callback);
    } else {
      callback.shutdownComplete(GracefulShutdownResult.IDLE);
    }
  }

  /** The bound port; -1 if it is not opened. */
  @Override
  public int getPort() {
    WebServer open = server;
    return open == null ? -1 : open.getPort();
  }
}
