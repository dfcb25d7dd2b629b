package dev.understudy.admin;

import org.springframework.context.SmartLifecycle;

/**
 * Ends the event streams just before the management port stops, and not when the main port does.
 */
final class StreamsLifecycle implements SmartLifecycle {
  private final EventStreams streams;
  private volatile boolean running;

  StreamsLifecycle(EventStreams streams) {
    this.streams = streams;
  }

  @Override
  public void start() {
    streams.start();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    streams.stop();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** A higher phase than the web server's, so that streams stop first. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE;
  }
}
