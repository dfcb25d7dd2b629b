package dev.understudy.monitor;

import dev.understudy.recurring.Timers;
import dev.understudy.snapshot.ServerTraffic;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reports that a probe has been in flight for a while during which its server sent no byte on any
 * connection. One timer for each server, and none while no probe is in flight.
 *
 * <p>A pause of this process begins the silence anew: bytes that came meanwhile are not read yet
 * when it ends. So no pause explains what is reported, and a server that is silent after one is
 * reported all the same.
 */
final class SilenceWatch {
  private final Scheduler scheduler;
  private final PauseDetector pauses;
  private final ServerTraffic traffic;
  private final Consumer<Instant> silent;
  private @Nullable Instant oldest;
  private Duration limit = Duration.ZERO;
  private Timers.Timer timer = () -> {};

  /**
   * Creates a watch without probes.
   *
   * @param silent called with the start of the oldest probe in flight, once in each {@code limit}
   *     of silence
   */
  SilenceWatch(
      Scheduler scheduler, PauseDetector pauses, ServerTraffic traffic, Consumer<Instant> silent) {
    this.scheduler = scheduler;
    this.pauses = pauses;
    this.traffic = traffic;
    this.silent = silent;
  }

  /**
   * Watches from now on.
   *
   * @param oldest start of the oldest probe in flight; null if none is
   * @param limit length of a silence to report
   */
  void watch(@Nullable Instant oldest, Duration limit) {
    boolean begins = this.oldest == null && oldest != null;
    this.oldest = oldest;
    this.limit = limit;
    if (begins) {
      arm(limit);
    } else if (oldest == null) {
      timer.cancel();
    }
  }

  private void arm(Duration delay) {
    timer.cancel();
    timer = scheduler.schedule(delay, this::look);
  }

  private void look() {
    if (oldest == null) {
      return;
    }
    Instant resumed = pauses.resumed();
    Instant since = oldest.isAfter(resumed) ? oldest : resumed;
    Duration waited = Duration.between(since, scheduler.now());
    Duration quiet = Duration.ofNanos(scheduler.nanoTime() - traffic.lastByteNanos());
    Duration shorter = waited.compareTo(quiet) < 0 ? waited : quiet;
    if (shorter.compareTo(limit) < 0) {
      arm(limit.minus(shorter));
    } else {
      arm(limit);
      silent.accept(oldest);
    }
  }
}
