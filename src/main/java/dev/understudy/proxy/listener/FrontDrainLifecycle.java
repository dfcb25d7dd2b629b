package dev.understudy.proxy.listener;

import dev.understudy.proxy.front.FrontDoor;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * The second step of a stop: no connection is accepted any more, and requests in flight may finish
 * within {@code spring.lifecycle.timeout-per-shutdown-phase}.
 *
 * <p>Runs before Spring Boot's own graceful stop, which then finds nothing to do. That would cut
 * every HTTP/1 connection without a request in Reactor Netty, and so the whole express lane.
 */
final class FrontDrainLifecycle implements SmartLifecycle {
  /** Stops after {@link DrainLifecycle} and before Spring Boot's listeners. */
  static final int PHASE = WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 256;

  private final Listening listening;
  private final FrontDoor door;
  private volatile boolean running;

  FrontDrainLifecycle(Listening listening, FrontDoor door) {
    this.listening = listening;
    this.door = door;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public void stop(Runnable callback) {
    running = false;
    var unused =
        listening
            .close()
            .thenCompose(closed -> door.drain())
            .whenComplete((nothing, failure) -> callback.run());
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
