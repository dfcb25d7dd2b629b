package dev.understudy.assembly;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process after a fatal error with status 1. The stop is as graceful as with SIGTERM:
 * clients are notified, and requests in flight may finish.
 */
final class FatalStop implements Consumer<String> {
  private static final Logger log = LoggerFactory.getLogger(FatalStop.class);

  private final IntConsumer exit;
  private final AtomicBoolean begun = new AtomicBoolean();

  FatalStop() {
    this(System::exit);
  }

  /**
   * @param exit ends the process with the given status; may block until it has ended
   */
  FatalStop(IntConsumer exit) {
    this.exit = exit;
  }

  /** Begins the stop on a separate thread, because the exit waits for all others. */
  @Override
  public void accept(String why) {
    if (begun.compareAndSet(false, true)) {
      log.error("Stopping: {}", why);
      new Thread(() -> exit.accept(1), "understudy-exit").start();
    }
  }
}
