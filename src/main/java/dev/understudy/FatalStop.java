package dev.understudy;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process because it must not go on, with status 1, the way SIGTERM does: clients are told
 * and what runs may finish.
 */
final class FatalStop implements Consumer<String> {
  private static final Logger log = LoggerFactory.getLogger(FatalStop.class);

  private final IntConsumer exit;
  private final AtomicBoolean begun = new AtomicBoolean();

  FatalStop() {
    this(System::exit);
  }

  /**
   * @param exit ends the process with that status; may wait for its end
   */
  FatalStop(IntConsumer exit) {
    this.exit = exit;
  }

  /** Begins the stop on a thread of its own: an end waits for all others. */
  @Override
  public void accept(String why) {
    if (begun.compareAndSet(false, true)) {
      log.error("Stopping: {}", why);
      new Thread(() -> exit.accept(1), "understudy-exit").start();
    }
  }
}
