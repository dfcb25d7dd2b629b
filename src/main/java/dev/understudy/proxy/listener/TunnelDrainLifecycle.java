package dev.understudy.proxy.listener;

import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/**
 * The second step of a stop, for tunnels and streams: ends them over the grace time.
 *
 * <p>Runs in the phase of {@link FrontDrainLifecycle}, so at the same time: no new connection can
 * open another tunnel, and Spring Boot's own stop follows when the last one has ended.
 */
final class TunnelDrainLifecycle implements SmartLifecycle {
  /** The part of the phase kept for the last close responses, which its timeout would cut. */
  private static final Duration MARGIN = Duration.ofSeconds(2);

  private final TunnelDrain tunnels;
  private final Duration grace;
  private volatile boolean running;

  /**
   * @param phaseTimeout {@code spring.lifecycle.timeout-per-shutdown-phase}
   */
  TunnelDrainLifecycle(TunnelDrain tunnels, Duration phaseTimeout) {
    this.tunnels = tunnels;
    Duration rest = phaseTimeout.minus(MARGIN);
    this.grace = rest.compareTo(MARGIN) > 0 ? rest : phaseTimeout.dividedBy(2);
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
    var unused = tunnels.drainAll(grace).whenComplete((nothing, failure) -> callback.run());
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return FrontDrainLifecycle.PHASE;
  }
}
