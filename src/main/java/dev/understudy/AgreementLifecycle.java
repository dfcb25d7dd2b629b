package dev.understudy;

import dev.understudy.agreement.Agreement;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Takes leave of the other replicas when a stop begins, before {@code understudy.drain.delay}: they
 * wait for this one's votes no longer, while it goes on serving what they agree on.
 */
final class AgreementLifecycle implements SmartLifecycle {
  /** Stopped before all that serves clients. */
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
