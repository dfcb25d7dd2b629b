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
 * The first step of a stop: the process is no longer ready, as Spring Boot has already reported,
 * but serves for {@code understudy.drain.delay}, until load balancers have noticed.
 */
final class DrainLifecycle implements SmartLifecycle {
  /** Stops before {@link FrontDrainLifecycle}. */
  private static final int PHASE = WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 512;

  private static final Logger log = LoggerFactory.getLogger(DrainLifecycle.class);

  private final FrontDoor door;
  private final Duration delay;
  private volatile boolean running;

  DrainLifecycle(FrontDoor door, Duration delay) {
    this.door = door;
    this.delay = delay;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    door.stopSoon();
    running = false;
  }

  @Override
  public void stop(Runnable callback) {
    log.info(
        "Stopping: not ready any more, new connections are taken for another {}",
        DurationStyle.SIMPLE.print(delay, ChronoUnit.MILLIS));
    stop();
    // Run on the delay thread, as the callback only counts down; it needs no pool that the stopping
    // thread may block.
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
