package dev.understudy.proxy.listener;

import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
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

  private final WebServer server;
  private final BooleanSupplier needed;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile boolean open;

  MainListener(WebServer server, BooleanSupplier needed) {
    this.server = server;
    this.needed = needed;
  }

  @Override
  public void start() {
    if (needed.getAsBoolean()) {
      open = true;
      server.start();
    } else {
      log.info("server.port is not opened");
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
    if (open) {
      server.stop();
    }
  }

  @Override
  public void destroy() {
    stopped.countDown();
    server.destroy();
  }

  @Override
  public void shutDownGracefully(GracefulShutdownCallback callback) {
    if (open) {
      server.shutDownGracefully(callback);
    } else {
      callback.shutdownComplete(GracefulShutdownResult.IDLE);
    }
  }

  /** The bound port; -1 if it is not opened. */
  @Override
  public int getPort() {
    return open ? server.getPort() : -1;
  }
}
