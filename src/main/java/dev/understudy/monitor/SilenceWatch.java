package dev.understudy.monitor;

import dev.understudy.agreement.Loop;
import java.time.Duration;
import java.time.Instant;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Notices that a probe has waited for a while during which its server sent no byte on any other
 * connection either. One timer per server, and none while no probe waits.
 */
final class SilenceWatch {
  private final Scheduler scheduler;
  private final ServerTraffic traffic;
  private final Consumer<Instant> silent;
  private final NavigableSet<Instant> waiting = new TreeSet<>();
  private Duration patience = Duration.ZERO;
  private Loop.Timer timer = () -> {};

  /**
   * Watches nothing yet.
   *
   * @param silent told the start of the oldest probe that waits, once in each {@code patience}
   */
  SilenceWatch(Scheduler scheduler, ServerTraffic traffic, Consumer<Instant> silent) {
    this.scheduler = scheduler;
    this.traffic = traffic;
    this.silent = silent;
  }

  /** A probe was started. */
  void add(Instant start, Duration patience) {
    this.patience = patience;
    waiting.add(start);
    if (waiting.size() == 1) {
      arm(patience);
    }
  }

  /** That probe ended. */
  void remove(Instant start) {
    waiting.remove(start);
    if (waiting.isEmpty()) {
      timer.cancel();
    }
  }

  /** Forgets all. */
  void clear() {
    waiting.clear();
    timer.cancel();
  }

  private void arm(Duration delay) {
    timer.cancel();
    timer = scheduler.schedule(delay, this::look);
  }

  private void look() {
    if (waiting.isEmpty()) {
      return;
    }
    Instant oldest = waiting.first();
    Duration waited = Duration.between(oldest, scheduler.now());
    Duration quiet = Duration.ofNanos(scheduler.nanoTime() - traffic.lastByteNanos());
    Duration shorter = waited.compareTo(quiet) < 0 ? waited : quiet;
    if (shorter.compareTo(patience) < 0) {
      arm(patience.minus(shorter));
    } else {
      arm(patience);
      silent.accept(oldest);
    }
  }
}
