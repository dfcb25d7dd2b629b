package dev.understudy.proxy.listener;

import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.GracefulShutdownCallback;
import org.springframework.boot.web.server.GracefulShutdownResult;
import org.springframework.boot.web.server.WebServer;

/**
 * The web server of {@code server.port}, as Spring Boot sees it: with or without a port it keeps
 * the process alive. {@link ShutdownStep#drainFrontend} has closed its sockets and drained its
 * connections when Spring Boot stops it.
 */
final class MainListener implements WebServer {
  private static final Logger log = LoggerFactory.getLogger(MainListener.class);

  private final Supplier<@Nullable LoopSockets> opener;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** Null unless it is open. */
  private volatile @Nullable LoopSockets sockets;

  /**
   * @param opener opens the port; gives null if the port is not needed
   */
  MainListener(Supplier<@Nullable LoopSockets> opener) {
    this.opener = opener;
  }

  @Override
  public void start() {
    sockets = opener.get();
    if (sockets == null) {
      log.info("server.port is not opened: no route is served there");
    }
    Thread.ofPlatform().name("server").daemon(false).start(this::awaitStop);
  }

  /** The open sockets; null if there are none. */
  @Nullable LoopSockets sockets() {
    return sockets;
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
  }

  @Override
  public void shutDownGracefully(GracefulShutdownCallback callback) {
    callback.shutdownComplete(GracefulShutdownResult.IDLE);
  }

  /** The bound port; -1 if it is not opened. */
  @Override
  public int getPort() {
    LoopSockets open = sockets;
    return open == null ? -1 : open.port();
  }
}
