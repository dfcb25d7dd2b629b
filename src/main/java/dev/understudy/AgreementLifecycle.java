package dev.understudy;

import dev.understudy.agreement.Agreement;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Leaves the replicas' agreement when a stop begins, before {@code understudy.drain.delay}: the
 * other replicas no longer wait for this one's votes, while it continues to serve by the agreement.
 */
final class AgreementLifecycle implements SmartLifecycle {
  /** Higher than the phases of everything that serves clients, so that it stops first. */
  static final int PHASE = WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 768;

  private final Agreement agreement;
  private volatile boolean running;

  AgreementLifecycle(Agreement agreement) {
    this.agreement = agreement;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    agreement.leave();
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
