package dev.understudy.admin;

import org.springframework.context.SmartLifecycle;

/** Ends all streams just before the management port stops, and not when the main port does. */
final class StreamsLifecycle implements SmartLifecycle {
  private final EventStreams events;
  private final OverviewFeed overview;
  private volatile boolean running;

  StreamsLifecycle(EventStreams events, OverviewFeed overview) {
    this.events = events;
    this.overview = overview;
  }

  @Override
  public void start() {
    events.start();
    overview.start();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    events.stop();
    overview.stop();
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
