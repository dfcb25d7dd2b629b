package dev.understudy.admin;

import java.util.List;
import org.springframework.context.SmartLifecycle;

/** Ends all streams just before the management port stops, and not when the main port does. */
final class StreamsLifecycle implements SmartLifecycle {
  private final List<StreamSlots> kinds;
  private volatile boolean running;

  StreamsLifecycle(List<StreamSlots> kinds) {
    this.kinds = List.copyOf(kinds);
  }

  @Override
  public void start() {
    kinds.forEach(StreamSlots::start);
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    kinds.forEach(StreamSlots::stop);
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
