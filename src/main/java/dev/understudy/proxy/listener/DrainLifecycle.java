package dev.understudy.proxy.listener;

import dev.understudy.proxy.front.FrontDoor;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * The first step of a stop: we are not ready any more (Boot has said so already), but still serve
 * for {@code understudy.drain.delay}, until load balancers have heard of it.
 */
final class DrainLifecycle implements SmartLifecycle {
  /** Before {@link FrontDrainLifecycle}. */
  private static final int PHASE = WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 512;

  private static final Logger log = LoggerFactory.getLogger(DrainLifecycle.class);

  private final Draining draining;
  private final FrontDoor door;
  private final Duration delay;
  private volatile boolean running;

  DrainLifecycle(Draining draining, FrontDoor door, Duration delay) {
    this.draining = draining;
    this.door = door;
    this.delay = delay;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    draining.begin();
    door.stopSoon();
    running = false;
  }

  @Override
  public void stop(Runnable callback) {
    log.info(
        "Stopping: not ready any more, new connections are taken for another {}",
        DurationStyle.SIMPLE.print(delay, ChronoUnit.MILLIS));
    stop();
    // The callback only counts down; no pool that the one who stops us may be blocking.
    CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
        .execute(callback);
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
